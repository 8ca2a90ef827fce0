// SPDX-License-Identifier: Apache-2.0
// stressors/selftest/memory.cc: the worker runs out of memory, or uses memory that is not its own.
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <new>
#include <vector>

#include "stressors/selftest/culprit.h"

namespace rackproof {
namespace {

constexpr std::array<std::string_view, 9> kWays{"limit",       "huge",      "stack",
                                                "double_free", "truncated", "null",
                                                "read_only",   "unmapped",  "not_code"};
constexpr Choice kWay{
    "way", kWays,
    "allocates until a limit of its own, allocates more than there is, recurses without end, frees "
    "twice, reads behind the end of a mapped file, writes to address 0, to read-only memory or to "
    "unmapped memory, runs data as code"};
constexpr std::size_t kPiece = 16 << 20;
constexpr rlim_t kRoom = 256 << 20;  // beyond what the worker uses now

// Of the page that mmap gave, whose size every machine here divides.
void* map_page(int protection, int flags, int fd = -1) {
  return ::mmap(nullptr, 4096, protection, flags, fd, 0);
}

rlim_t address_space_bytes() {
  std::size_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%zu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

void fill_to_the_limit() {
  const rlimit limit{address_space_bytes() + kRoom, RLIM_INFINITY};
  (void)::setrlimit(RLIMIT_AS, &limit);
  std::vector<std::vector<char>> pieces;
  while (true) pieces.emplace_back(kPiece);
}

void allocate_too_much() {
  volatile std::size_t bytes = std::size_t{1} << 62;  // out of the compiler's sight
  void* memory = ::operator new(bytes);
  ::operator delete(memory);
}

// The frame is used after the call, so that no loop can take its place.
int recurse(volatile char* caller) {  // NOLINT(misc-no-recursion): that is the misdeed
  volatile char frame[4096];
  frame[0] = 0;
  if (*caller != 0) return 1;
  return recurse(frame) + frame[0];
}

void overflow_the_stack() {
  volatile char nothing = 0;
  (void)recurse(&nothing);
}

void free_twice() {
  void* volatile memory = std::malloc(64);
  void* volatile same = memory;
  std::free(memory);
  std::free(same);  // NOLINT(clang-analyzer-unix.Malloc): that is the misdeed
}

void read_behind_a_file() {
  std::FILE* file = std::tmpfile();
  if (file == nullptr) return;
  auto* page =
      static_cast<volatile char*>(map_page(PROT_READ | PROT_WRITE, MAP_SHARED, ::fileno(file)));
  (void)page[0];
}

void write_to(void* page) { *static_cast<volatile char*>(page) = 1; }

void write_to_unmapped() {
  void* page = map_page(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
  (void)::munmap(page, 4096);
  write_to(page);
}

void run_data() {
  void* page = map_page(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
  void (*volatile code)() = nullptr;
  static_assert(sizeof code == sizeof page);
  __builtin_memcpy(const_cast<void*>(static_cast<volatile void*>(&code)), &page, sizeof page);
  code();
}

void misuse(std::string_view way) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT}) selftest::restore_default(signal);
  if (way == "limit") fill_to_the_limit();
  if (way == "huge") allocate_too_much();
  if (way == "stack") overflow_the_stack();
  if (way == "double_free") free_twice();
  if (way == "truncated") read_behind_a_file();
  if (way == "null") write_to(nullptr);
  if (way == "read_only") write_to(map_page(PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS));
  if (way == "unmapped") write_to_unmapped();
  if (way == "not_code") run_data();
}

void misuse_memory(Context& ctx) {
  const std::string_view way = ctx[kWay];
  selftest::run_with(ctx, ctx[selftest::kMoment], [way] { misuse(way); });
}

RACKPROOF_STRESSOR(selftest_memory, {.name = "selftest.memory",
                                     .summary = "self-test: the worker misuses memory",
                                     .subsystem = Subsystem::memory,
                                     .metrics = {selftest::kBandwidth},
                                     .params = {kWay, selftest::kMoment, selftest::kCulprit},
                                     .run = misuse_memory,
                                     .drill_sites = {FaultSite::transfer},
                                     .hidden = true});

}  // namespace
}  // namespace rackproof
