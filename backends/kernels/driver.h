// SPDX-License-Identifier: Apache-2.0
// What the workloads of this folder need of a vendor's API for kernels: one class for each back
// end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backends/kernels/gemm_problem.h"
#include "core/units.h"

namespace rackproof::kernels {

/// Of memory, as errors tell it.
[[nodiscard]] inline std::string bytes_text(std::uint64_t bytes) {
  return format(static_cast<double>(bytes), Unit::byte);
}

/// A piece of device memory as kernels take it: a cl_mem, a CUdeviceptr. 0: none.
using Handle = std::uint64_t;
/// An in-order queue of work: a cl_command_queue, a CUstream.
using Queue = void*;

/// A program: for compilers at run time its files, in order, and options; for those that ran when
/// this program was built, its name.
struct Source {
  std::string name;
  std::vector<std::string_view> files;
  std::string options;
};

/// A workload that this device does not have; becomes Unsupported.
struct Refused {
  std::string reason;
};
[[nodiscard]] inline Refused no_collectives() {
  return {"this back end takes part in no collectives"};
}

/// One argument of a kernel, by value.
struct Argument {
  std::uint64_t bits = 0;
  std::uint32_t size_bytes = 0;
};

/// A kernel; one thread at a time.
class Function {
 public:
  virtual ~Function() = default;
  virtual void launch(Queue queue, std::span<const Argument> arguments, std::uint64_t groups,
                      std::uint64_t items) = 0;
};

/// The vendor's matrix product: c = a b, or -(a b) where `negated`; row-major, b lying in memory
/// column by column.
class Multiplier {
 public:
  virtual ~Multiplier() = default;
  /// False: it does not take that sign, and nothing was started.
  [[nodiscard]] virtual bool multiply(Queue queue, Handle a, Handle b, Handle c, bool negated) = 0;
  /// Whether it takes 4-bit operands two to a byte, the first below, and not one to a byte.
  [[nodiscard]] virtual bool packed() const { return false; }
  /// Of one addition, where it is more than the accumulator's type has; else 0.
  [[nodiscard]] virtual double roundoff() const { return 0; }
  /// Which of the vendor's algorithms it is, for the record.
  [[nodiscard]] virtual std::string describe() const = 0;
};

/// One rank's part in a collective among several devices; blocks no one but the queue.
class Collector {
 public:
  virtual ~Collector() = default;
  virtual void start(Queue queue, Handle input, Handle result) = 0;
  /// Waits for what was started; throws DeviceError when the others' parts failed.
  virtual void finish(Queue queue) = 0;
};

/// Work that was started once for the record, to be started again without the host's part in each
/// piece of it.
class Recording {
 public:
  virtual ~Recording() = default;
  virtual void start(Queue queue) = 0;
};

/// All calls may throw DeviceError, those marked noexcept excepted. From any thread. Nothing is
/// asked of the vendor's library before the first call.
class Driver {
 public:
  virtual ~Driver() = default;
  /// Parts of the device that have queues of their own: compute units where it can be divided so,
  /// else 1.
  [[nodiscard]] virtual std::size_t lanes() = 0;
  /// Kept until the process ends.
  [[nodiscard]] virtual Queue make_queue(std::size_t lane) = 0;
  /// Compiles or loads, once for each source; the function is its caller's own.
  [[nodiscard]] virtual std::unique_ptr<Function> function(const Source& source,
                                                           const std::string& name) = 0;
  /// Null: the kernel of this folder multiplies. A reason why it cannot is thrown as Refused.
  [[nodiscard]] virtual std::unique_ptr<Multiplier> multiplier(const Problem& problem) {
    (void)problem;
    return nullptr;
  }

  /// Bytes that the ranks of a collective share, and a rank's part; both may throw Refused.
  [[nodiscard]] virtual std::string collective_id() { throw no_collectives(); }
  [[nodiscard]] virtual std::unique_ptr<Collector> collector(const Reduce& reduce) {
    (void)reduce;
    throw no_collectives();
  }

  [[nodiscard]] virtual Handle allocate(std::uint64_t size_bytes) = 0;
  virtual void release(Handle memory) noexcept = 0;
  /// Host memory that the device copies to and from by itself.
  [[nodiscard]] virtual std::uint64_t* pin(std::uint64_t size_bytes) = 0;
  virtual void unpin(std::uint64_t* memory) noexcept = 0;
  /// Pins whole pages where they lie, for the same use; may throw Refused.
  virtual void pin_there(std::uint64_t* memory, std::uint64_t size_bytes) {
    (void)memory, (void)size_bytes;
    throw Refused{"this back end pins no memory that it did not allocate"};
  }
  virtual void unpin_there(std::uint64_t* memory) noexcept { (void)memory; }

  /// These are started, not finished; host memory stays as it is until finish().
  virtual void zero(Queue queue, Handle memory, std::uint64_t size_bytes) = 0;
  virtual void write(Queue queue, Handle to, std::uint64_t offset, std::uint64_t size_bytes,
                     const void* from) = 0;
  virtual void read(Queue queue, Handle from, std::uint64_t offset, std::uint64_t size_bytes,
                    void* to) = 0;
  /// `count` elements of `width` bytes, `step` bytes apart.
  virtual void read_every(Queue queue, Handle from, std::uint64_t offset, std::uint64_t width,
                          std::uint64_t step, std::uint64_t count, void* to) = 0;
  virtual void copy(Queue queue, Handle from, Handle to, std::uint64_t size_bytes) = 0;
  /// Whether copy_from() takes data from that device.
  [[nodiscard]] virtual bool reaches(const Driver& peer) const {
    (void)peer;
    return false;
  }
  /// From another device of the same back end.
  virtual void copy_from(Queue queue, Driver& peer, Handle from, Handle to,
                         std::uint64_t size_bytes);
  /// What `work` starts on `queue`, which is not run; it must wait for nothing, allocate nothing
  /// and start no kernel for the first time. Null where the vendor's API has no such thing: then
  /// `work` was not called.
  [[nodiscard]] virtual std::unique_ptr<Recording> record(Queue queue,
                                                          const std::function<void()>& work) {
    (void)queue;
    (void)work;
    return nullptr;
  }

  /// Lets what was started begin, without waiting.
  virtual void flush(Queue queue) = 0;
  virtual void finish(Queue queue) = 0;
};

}  // namespace rackproof::kernels
