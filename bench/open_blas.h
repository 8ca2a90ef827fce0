// SPDX-License-Identifier: Apache-2.0
// OpenBLAS as a peer, loaded when the bench starts: nothing of ours links to it.
#pragma once

#include <memory>
#include <string>

namespace rackproof::bench {

class OpenBlas {
 public:
  /// Null where Debian's libopenblas0-pthread is not installed. `core`: one of its kernel
  /// families, since it does not know CPUs newer than itself; empty: its own choice.
  static std::unique_ptr<OpenBlas> load(unsigned threads, const std::string& core);
  ~OpenBlas();
  OpenBlas(const OpenBlas&) = delete;
  OpenBlas& operator=(const OpenBlas&) = delete;

  /// The family of kernels that it runs here.
  [[nodiscard]] std::string core() const;
  /// c = a b, n x n, row-major.
  void multiply(int n, const float* a, const float* b, float* c) const;
  void multiply(int n, const double* a, const double* b, double* c) const;

 private:
  explicit OpenBlas(void* library) : library_(library) {}
  void* library_;
};

}  // namespace rackproof::bench
