// What the kernel holds of a dump that Sluice has not read yet.
#pragma once

#include "proxy/event_loop/task.hpp"

namespace sluice::proxy {

/// That of one dump's connection to the master. The kernel lets such a buffer grow to many
/// megabytes, which a single dump is faster with. Those of many together reach the limit for all
/// of TCP (tcp_mem in tcp(7): 60 MB on a machine of 1 GiB), and from there on the kernel throws
/// away what it has received: some replicas then wait for seconds for what is sent again.
class ReceiveBuffer {
 public:
  /// For as long as the dump runs.
  explicit ReceiveBuffer(Socket& socket);
  ~ReceiveBuffer();
  ReceiveBuffer(const ReceiveBuffer&) = delete;
  ReceiveBuffer& operator=(const ReceiveBuffer&) = delete;

  /// Bounds it as soon as many dumps run in this program, until they are few again. Before each
  /// read.
  void adapt();

 private:
  Socket& socket_;
  bool bounded_ = false;
};

}  // namespace sluice::proxy
