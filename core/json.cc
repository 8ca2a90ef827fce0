// SPDX-License-Identifier: Apache-2.0
#include "core/json.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

namespace rackproof {
namespace {

constexpr std::size_t kMaxDepth = 64;

// Builds the value through nlohmann's SAX events and refuses what a lenient parser lets through.
class StrictBuilder : public nlohmann::detail::json_sax_dom_parser<Json> {
  using Base = nlohmann::detail::json_sax_dom_parser<Json>;

 public:
  StrictBuilder(Json& value, std::string_view text) : Base(value, false), text_(text) {}

  bool start_object(std::size_t size) {
    keys_.emplace_back();
    return deep_enough() && Base::start_object(size);
  }
  bool end_object() {
    keys_.pop_back();
    return Base::end_object();
  }
  bool start_array(std::size_t size) {
    keys_.emplace_back();
    return deep_enough() && Base::start_array(size);
  }
  bool end_array() {
    keys_.pop_back();
    return Base::end_array();
  }
  bool key(std::string& name) {
    if (keys_.back().insert(name).second) return Base::key(name);
    return refuse(fmt::format("duplicate key '{}'", name));
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& problem) {
    if (error_.message.empty()) {
      error_.message = problem.id == 406 ? "number out of range" : "not valid JSON";
      place(position);
    }
    return false;
  }
  [[nodiscard]] const Error& error() const { return error_; }

 private:
  bool deep_enough() { return keys_.size() <= kMaxDepth || refuse("nested too deeply"); }
  bool refuse(std::string message) {
    error_.message = std::move(message);
    return false;
  }
  void place(std::size_t position) {
    error_.line = 1;
    error_.column = 1;
    for (std::size_t i = 0; i + 1 < position && i < text_.size(); ++i) {
      error_.column = text_[i] == '\n' ? 1 : error_.column + 1;
      error_.line += text_[i] == '\n' ? 1 : 0;
    }
  }

  std::string_view text_;
  std::vector<std::set<std::string>> keys_;
  Error error_;
};

Error system_error(const std::string& what, const std::filesystem::path& path) {
  return Error{fmt::format("{}: {}", what, std::strerror(errno)), path.string()};
}

}  // namespace

Expected<Json> parse_json(std::string_view text, const std::string& file) {
  Json value;
  StrictBuilder builder(value, text);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
    Error error = builder.error();
    error.file = file;
    return tl::unexpected(std::move(error));
  }
  return value;
}

Expected<std::string> read_file(const std::filesystem::path& path, std::uint64_t limit_bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return tl::unexpected(system_error("cannot read", path));
  std::string bytes;
  char buffer[65536];
  ssize_t got = 0;
  while ((got = ::read(fd, buffer, sizeof buffer)) > 0 && bytes.size() <= limit_bytes) {
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
  const int saved = errno;
  ::close(fd);
  errno = saved;
  if (got < 0) return tl::unexpected(system_error("cannot read", path));
  if (bytes.size() > limit_bytes) {
    return tl::unexpected(Error{fmt::format("larger than {} bytes", limit_bytes), path.string()});
  }
  return bytes;
}

Expected<void> write_file(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path temporary = path.string() + ".partial";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return tl::unexpected(system_error("cannot write", path));
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  const bool stored = bytes.empty() && ::fsync(fd) == 0;
  const int saved = errno;
  ::close(fd);
  errno = saved;
  if (stored && std::rename(temporary.c_str(), path.c_str()) == 0) return {};
  const Error error = system_error("cannot write", path);
  ::unlink(temporary.c_str());
  return tl::unexpected(error);
}

std::string hex64(std::uint64_t value) { return fmt::format("{:016x}", value); }

Expected<std::uint64_t> parse_hex64(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.size() != 16 || status != std::errc{} || end != text.data() + text.size()) {
    return fail(fmt::format("'{}' is not 16 hex digits", text));
  }
  return value;
}

}  // namespace rackproof
