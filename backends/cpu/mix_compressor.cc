// SPDX-License-Identifier: Apache-2.0
// Mix's round trip through a compressor (zstd): matching, entropy coding and their inverses, with
// all the branches that go with them.
#include <zstd.h>

#include <algorithm>
#include <vector>

#include "backends/cpu/mix_kernels.h"

namespace rackproof::cpu {
namespace {

constexpr int kLevel = 3;
// A context counts what went through it, and moves its tables before the count overflows at some
// 3.5 GiB. The compressed data are compared bit for bit, so it never gets that far.
constexpr std::uint64_t kRenewal = 1 << 30;

template <class T, std::size_t (*release)(T*)>
struct Free {
  void operator()(T* context) const { release(context); }
};

class Compressor : public MixWorker {
 public:
  explicit Compressor(std::uint64_t words) : packed_((ZSTD_compressBound(8 * words) + 7) / 8) {
    renew();
  }

  // Data that do not come back leave the words before them unlike the right ones: the caller spoils
  // them before each run.
  void make(const MixJob& job) override {
    const std::size_t bytes = job.right.size_bytes();
    if ((since_renewal_ += bytes) > kRenewal) renew();
    const std::size_t packed = ZSTD_compressCCtx(packing_.get(), packed_.data(), 8 * packed_.size(),
                                                 job.right.data(), bytes, kLevel);
    size_ = ZSTD_isError(packed) != 0 ? 0 : packed;
    auto* end = reinterpret_cast<std::byte*>(packed_.data());
    std::fill(end + size_, end + (size_ + 7) / 8 * 8, std::byte{0});
    (void)ZSTD_decompressDCtx(unpacking_.get(), job.out, bytes, packed_.data(), size_);
  }

  [[nodiscard]] std::span<const std::uint64_t> packed() const override {
    return {packed_.data(), (size_ + 7) / 8};
  }

 private:
  void renew() {
    packing_.reset(ZSTD_createCCtx());
    unpacking_.reset(ZSTD_createDCtx());
    if (!packing_ || !unpacking_) throw DeviceError("zstd: out of memory");
    since_renewal_ = 0;
  }

  std::unique_ptr<ZSTD_CCtx, Free<ZSTD_CCtx, ZSTD_freeCCtx>> packing_;
  std::unique_ptr<ZSTD_DCtx, Free<ZSTD_DCtx, ZSTD_freeDCtx>> unpacking_;
  std::vector<std::uint64_t> packed_;
  std::size_t size_ = 0;
  std::uint64_t since_renewal_ = 0;
};

}  // namespace

std::unique_ptr<MixWorker> make_mix_compressor(std::uint64_t words) {
  return std::make_unique<Compressor>(words);
}

}  // namespace rackproof::cpu
