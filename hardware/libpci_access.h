// SPDX-License-Identifier: Apache-2.0
// libpci with exceptions instead of exit(): the only place that opens it.
#pragma once

extern "C" {
#include <pci/pci.h>
}

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace rackproof {

/// What libpci would have ended the process for.
class LibpciError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One opened and scanned access. Its warnings collect in `warnings` while it lives; one thread,
/// one at a time. All calls into libpci may throw LibpciError; names come from the local pci.ids
/// alone.
class LibpciAccess {
 public:
  /// `sysfs` is the folder /sys/bus/pci, `dump` a checked `lspci -x` text; the other one is empty.
  LibpciAccess(const std::filesystem::path& sysfs, const std::filesystem::path& dump,
               std::vector<std::string>& warnings);
  ~LibpciAccess();
  LibpciAccess(const LibpciAccess&) = delete;
  LibpciAccess& operator=(const LibpciAccess&) = delete;

  /// The scanned devices, linked by `next`.
  [[nodiscard]] pci_dev* devices() const { return access_->devices; }
  [[nodiscard]] bool has_names() const { return has_names_; }
  [[nodiscard]] std::string device_name(const pci_dev& device) const;
  [[nodiscard]] std::string class_name(const pci_dev& device) const;

 private:
  struct Cleanup {
    void operator()(pci_access* access) const { pci_cleanup(access); }
  };
  std::unique_ptr<pci_access, Cleanup> access_;
  bool has_names_ = false;
};

}  // namespace rackproof
