// SPDX-License-Identifier: Apache-2.0
#include "backends/cuda/graph.h"

namespace rackproof::cuda {
namespace {

CUstream stream_of(Queue queue) { return static_cast<CUstream>(queue); }

// A graph as it was captured; instantiated, it is needed no longer.
class Captured {
 public:
  Captured() = default;
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;
  ~Captured() {
    if (graph != nullptr) cu().cuGraphDestroy(graph);
  }
  CUgraph graph = nullptr;
};

class Graph : public kernels::Recording {
 public:
  Graph(CudaDriver& driver, CUgraph captured) : driver_(driver) {
    check(cu().cuGraphInstantiate(&graph_, captured, 0), "cuGraphInstantiate", driver_.id());
  }
  ~Graph() override {
    cu().cuCtxSetCurrent(driver_.context());
    cu().cuGraphExecDestroy(graph_);
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void start(Queue queue) override {
    driver_.use();
    check(cu().cuGraphLaunch(graph_, stream_of(queue)), "cuGraphLaunch", driver_.id());
  }

 private:
  CudaDriver& driver_;
  CUgraphExec graph_ = nullptr;
};

}  // namespace

std::unique_ptr<kernels::Recording> record_graph(CudaDriver& driver, Queue queue,
                                                 const std::function<void()>& work) {
  driver.use();
  // Of this thread alone: others may allocate meanwhile.
  check(cu().cuStreamBeginCapture(stream_of(queue), CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
        "cuStreamBeginCapture", driver.id());
  Captured captured;
  try {
    work();
  } catch (...) {
    cu().cuStreamEndCapture(stream_of(queue), &captured.graph);
    throw;
  }
  check(cu().cuStreamEndCapture(stream_of(queue), &captured.graph), "cuStreamEndCapture",
        driver.id());
  return std::make_unique<Graph>(driver, captured.graph);
}

}  // namespace rackproof::cuda
