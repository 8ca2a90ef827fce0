// SPDX-License-Identifier: Apache-2.0
// Where private keys live: PEM files that only their owner may read, and OpenSSL's stores.
#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "core/json.h"
#include "reports/key.h"

namespace rackproof {
namespace {

namespace fs = std::filesystem;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Store = std::unique_ptr<OSSL_STORE_CTX, decltype(&OSSL_STORE_close)>;

constexpr std::size_t kMaxKeyBytes = 1 << 16;

tl::unexpected<Error> refuse(const std::string& what, const std::string& file) {
  return tl::unexpected(Error{what, file});
}

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

// The owner-only rule is checked on the open file, so that nobody can swap it in between.
Expected<std::string> read_private(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.fd() < 0 || ::fstat(file.fd(), &status) != 0) {
    return refuse(fmt::format("cannot read the key: {}", std::strerror(errno)), path);
  }
  if (!S_ISREG(status.st_mode)) return refuse("not a key: not a plain file", path);
  if ((status.st_mode & 077) != 0) {
    return refuse(fmt::format("a private key that others can reach (mode {:04o}); chmod 600 {}",
                              status.st_mode & 07777, path),
                  path);
  }
  std::string bytes(kMaxKeyBytes, '\0');
  const ssize_t got = ::read(file.fd(), bytes.data(), bytes.size());
  if (got < 0) return refuse(fmt::format("cannot read the key: {}", std::strerror(errno)), path);
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

std::shared_ptr<EVP_PKEY> first_key(OSSL_STORE_CTX* store) {
  while (OSSL_STORE_eof(store) == 0) {
    OSSL_STORE_INFO* info = OSSL_STORE_load(store);
    if (info == nullptr) {
      if (OSSL_STORE_error(store) != 0) break;
      continue;
    }
    EVP_PKEY* key = OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY
                        ? OSSL_STORE_INFO_get1_PKEY(info)
                        : nullptr;
    OSSL_STORE_INFO_free(info);
    if (key != nullptr) return {key, &EVP_PKEY_free};
  }
  return nullptr;
}

// UI_null: a key behind a passphrase is an error, not a prompt that nobody on the line answers.
std::shared_ptr<EVP_PKEY> key_in_pem(std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const Store store(OSSL_STORE_attach(bio.get(), "file", nullptr, nullptr, UI_null(), nullptr,
                                      nullptr, nullptr, nullptr),
                    &OSSL_STORE_close);
  if (store) OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY);
  auto key = store ? first_key(store.get()) : nullptr;
  OPENSSL_cleanse(pem.data(), pem.size());
  return key;
}

std::shared_ptr<EVP_PKEY> key_at_uri(const std::string& uri) {
  const Store store(OSSL_STORE_open(uri.c_str(), UI_null(), nullptr, nullptr, nullptr),
                    &OSSL_STORE_close);
  if (!store) return nullptr;
  OSSL_STORE_expect(store.get(), OSSL_STORE_INFO_PKEY);
  return first_key(store.get());
}

// "file:KEY", "file:///KEY" and plain names are files; any other scheme (RFC 3986) is a store's.
bool is_store_uri(const std::string& text) {
  constexpr std::string_view kScheme =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-";
  const std::size_t colon = text.find_first_not_of(kScheme);
  std::error_code ignored;
  return colon != std::string::npos && colon > 0 && text[colon] == ':' &&
         text.substr(0, colon) != "file" && !fs::exists(text, ignored);
}

std::string path_of(const std::string& text) {
  for (const std::string_view prefix : {"file://", "file:"}) {
    if (text.rfind(prefix, 0) == 0) return text.substr(prefix.size());
  }
  return text;
}

std::string private_pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    ERR_clear_error();
    return {};
  }
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  std::string pem(text, static_cast<std::size_t>(size));
  OPENSSL_cleanse(text, static_cast<std::size_t>(size));
  return pem;
}

bool store_bytes(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return ::fsync(fd) == 0;
}

// Whole or not at all, and never over another key: link() refuses a name that exists. mkostemp
// makes the file with mode 0600.
int write_new_private(const fs::path& path, std::string_view bytes) {
  std::string temporary = path.string() + ".XXXXXX";
  const File file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.fd() < 0) return errno;
  const bool stored = store_bytes(file.fd(), bytes) && ::link(temporary.c_str(), path.c_str()) == 0;
  const int why = stored ? 0 : errno;
  ::unlink(temporary.c_str());
  return why;
}

Expected<void> make_private_folder(const fs::path& folder) {
  std::error_code problem;
  if (!folder.parent_path().empty()) fs::create_directories(folder.parent_path(), problem);
  if (!problem && ::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    problem = {errno, std::generic_category()};
  }
  if (problem) return refuse("cannot make the folder: " + problem.message(), folder.string());
  return {};
}

}  // namespace

Expected<SigningKey> SigningKey::load(const std::string& path_or_uri) {
  std::shared_ptr<EVP_PKEY> key;
  if (is_store_uri(path_or_uri)) {
    key = key_at_uri(path_or_uri);
  } else {
    auto pem = read_private(path_of(path_or_uri));
    if (!pem) return tl::unexpected(pem.error());
    key = key_in_pem(*pem);
  }
  ERR_clear_error();
  if (!key) {
    const char* const next =
        is_store_uri(path_or_uri)
            ? "; its OpenSSL provider must be loaded, see OPENSSL_CONF and OPENSSL_MODULES"
            : "; make one with `rackproof keygen`";
    return refuse(std::string("not a private key that opens without a passphrase") + next,
                  path_or_uri);
  }
  SigningKey signer(std::move(key));
  const auto usable = PublicKey::from_pem(signer.public_key().pem(), path_or_uri);
  if (!usable) return tl::unexpected(usable.error());
  return signer;
}

Expected<void> SigningKey::write(const fs::path& path) const {
  const fs::path half = public_half(path);
  std::error_code ignored;
  if (fs::exists(half, ignored)) return refuse("exists; a key is not overwritten", half.string());
  std::string pem = private_pem(key_.get());
  if (pem.empty()) return refuse("this key cannot leave its store", path.string());
  const int why = write_new_private(path, pem);
  OPENSSL_cleanse(pem.data(), pem.size());
  if (why == EEXIST) return refuse("exists; a key is not overwritten", path.string());
  if (why != 0) return refuse(fmt::format("cannot write: {}", std::strerror(why)), path.string());
  return write_file(half, public_key().pem());
}

fs::path public_half(const fs::path& path) {
  fs::path half = path;
  return half.extension() == ".pem" ? half.replace_extension(".pub.pem")
                                    : fs::path(path.string() + ".pub.pem");
}

Expected<fs::path> default_config_dir() {
  const char* config = std::getenv("XDG_CONFIG_HOME");
  if (config != nullptr && *config == '/') return fs::path(config) / "rackproof";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return fs::path(home) / ".config" / "rackproof";
  return fail("no place for the station's key: neither XDG_CONFIG_HOME nor HOME is set");
}

Expected<SigningKey> station_key(const fs::path& config_dir) {
  const auto folder = config_dir.empty() ? default_config_dir() : Expected<fs::path>(config_dir);
  if (!folder) return tl::unexpected(folder.error());
  const fs::path path = *folder / "station.pem";
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    const auto made = make_private_folder(*folder);
    if (!made) return tl::unexpected(made.error());
    const auto written = SigningKey::generate().write(path);
    // Another process may have made it meanwhile; then theirs is the station's key.
    if (!written && !fs::exists(path, ignored)) return tl::unexpected(written.error());
  }
  return SigningKey::load(path.string());
}

}  // namespace rackproof
