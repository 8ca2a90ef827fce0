// SPDX-License-Identifier: Apache-2.0
#include "hardware/libpci_access.h"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "core/installation.h"

namespace rackproof {
namespace {

// libpci's handlers get no pointer of ours.
thread_local std::vector<std::string>* collected = nullptr;

std::string printed(const char* format, std::va_list arguments) {
  std::array<char, 512> text{};
  std::vsnprintf(text.data(), text.size(), format, arguments);
  return text.data();
}

// The exception crosses libpci's frames: at worst an open folder and a few bytes stay behind, once,
// and its own error handler may not return.
__attribute__((noreturn)) void on_error(char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  const std::string text = printed(format, arguments);
  va_end(arguments);
  throw LibpciError(text);
}

void on_warning(char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  if (collected != nullptr) collected->push_back(printed(format, arguments));
  va_end(arguments);
}

void on_debug(char*, ...) {}

void set_parameter(pci_access* access, const char* name, const std::string& value) {
  // libpci copies the value; its declarations lack const.
  if (pci_set_param(access, const_cast<char*>(name), const_cast<char*>(value.c_str())) != 0) {
    throw LibpciError(std::string("libpci knows no parameter ") + name);
  }
}

// The list of names that came with this program; without one the system's is read.
void use_own_names(pci_access* access) {
  const std::string names = installed("share/rackproof/pci.ids");
  if (!names.empty()) pci_set_name_list_path(access, ::strdup(names.c_str()), 1);
}

}  // namespace

LibpciAccess::LibpciAccess(const std::filesystem::path& sysfs, const std::filesystem::path& dump,
                           std::vector<std::string>& warnings)
    : access_(pci_alloc()) {
  access_->error = on_error;
  access_->warning = on_warning;
  access_->debug = on_debug;
  access_->id_lookup_mode = PCI_LOOKUP_NO_HWDB;  // no DNS, no cache of DNS answers
  use_own_names(access_.get());
  access_->method = dump.empty() ? PCI_ACCESS_SYS_BUS_PCI : PCI_ACCESS_DUMP;
  if (dump.empty()) {
    set_parameter(access_.get(), "sysfs.path", sysfs.string());
  } else {
    set_parameter(access_.get(), "dump.name", dump.string());
  }
  collected = &warnings;
  try {
    pci_init(access_.get());
    pci_scan_bus(access_.get());
    has_names_ = pci_load_name_list(access_.get()) != 0;
  } catch (...) {
    collected = nullptr;
    throw;
  }
}

LibpciAccess::~LibpciAccess() { collected = nullptr; }

std::string LibpciAccess::device_name(const pci_dev& device) const {
  std::array<char, 256> text{};
  const char* name = pci_lookup_name(access_.get(), text.data(), static_cast<int>(text.size()),
                                     PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE | PCI_LOOKUP_NO_HWDB,
                                     device.vendor_id, device.device_id);
  return name == nullptr ? "" : name;
}

std::string LibpciAccess::class_name(const pci_dev& device) const {
  std::array<char, 256> text{};
  const char* name = pci_lookup_name(access_.get(), text.data(), static_cast<int>(text.size()),
                                     PCI_LOOKUP_CLASS | PCI_LOOKUP_NO_HWDB, device.device_class);
  return name == nullptr ? "" : name;
}

}  // namespace rackproof
