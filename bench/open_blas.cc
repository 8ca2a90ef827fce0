// SPDX-License-Identifier: Apache-2.0
#include "bench/open_blas.h"

#include <dlfcn.h>

#include <cstdlib>

namespace rackproof::bench {
namespace {

// cblas.h: CblasRowMajor, CblasNoTrans.
constexpr int kRowMajor = 101, kNoTranspose = 111;

template <class T>
using Product = void (*)(int order, int transpose_a, int transpose_b, int m, int n, int k, T alpha,
                         const T* a, int lda, const T* b, int ldb, T beta, T* c, int ldc);

template <class Function>
Function symbol(void* library, const char* name) {
  return reinterpret_cast<Function>(dlsym(library, name));
}

template <class T>
void multiply_by(Product<T> product, int n, const T* a, const T* b, T* c) {
  product(kRowMajor, kNoTranspose, kNoTranspose, n, n, n, T{1}, a, n, b, n, T{0}, c, n);
}

}  // namespace

std::unique_ptr<OpenBlas> OpenBlas::load(unsigned threads, const std::string& core) {
  // Its idle threads would spin for 2^26 cycles of the next contender's time.
  setenv("OPENBLAS_THREAD_TIMEOUT", "16", 0);
  if (!core.empty()) setenv("OPENBLAS_CORETYPE", core.c_str(), 1);
  void* library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return nullptr;
  symbol<void (*)(int)>(library, "openblas_set_num_threads")(static_cast<int>(threads));
  return std::unique_ptr<OpenBlas>(new OpenBlas(library));
}

OpenBlas::~OpenBlas() { dlclose(library_); }

std::string OpenBlas::core() const {
  return symbol<char* (*)()>(library_, "openblas_get_corename")();
}

void OpenBlas::multiply(int n, const float* a, const float* b, float* c) const {
  multiply_by<float>(symbol<Product<float>>(library_, "cblas_sgemm"), n, a, b, c);
}
void OpenBlas::multiply(int n, const double* a, const double* b, double* c) const {
  multiply_by<double>(symbol<Product<double>>(library_, "cblas_dgemm"), n, a, b, c);
}

}  // namespace rackproof::bench
