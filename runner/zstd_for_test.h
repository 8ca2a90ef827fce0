// SPDX-License-Identifier: Apache-2.0
// For tests: what zstdcat would print of a file, as far as it goes.
#pragma once

#include <zstd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/json.h"

namespace rackproof {

struct Unpacked {
  std::string text;
  bool whole = false;  ///< the frame ends as it should
};

inline Unpacked zstdcat(const std::filesystem::path& path) {
  const std::string packed = read_file(path).value_or("");
  const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(),
                                                                        ZSTD_freeDCtx);
  Unpacked unpacked;
  char buffer[4096];
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  for (bool more = true; more;) {
    ZSTD_outBuffer out{buffer, sizeof buffer, 0};
    const std::size_t left = ZSTD_decompressStream(context.get(), &out, &in);
    if (ZSTD_isError(left) != 0) break;
    unpacked.text.append(buffer, out.pos);
    unpacked.whole = left == 0;
    more = !unpacked.whole && (in.pos < in.size || out.pos == out.size);
  }
  return unpacked;
}

}  // namespace rackproof
