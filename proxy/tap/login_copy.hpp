// A login as it may be shown: without nonces, passwords and what is computed of them, as it would
// go without TLS and compression, which are undone where it is tapped. Sans-I/O.
#pragma once

#include "protocol/bytes.hpp"
#include "protocol/wire/capabilities.hpp"
#include "proxy/tap/tap_entry.hpp"

namespace sluice::proxy::tap {

/// Packets are written anew from what is understood of them, so that nothing else gets through.
class LoginCopy {
 public:
  struct Shown {
    PacketKind kind = PacketKind::authentication;
    Buffer payload;  ///< empty: there is nothing to show
  };

  [[nodiscard]] Shown from_server(Bytes payload);
  [[nodiscard]] Shown from_replica(Bytes payload);

 private:
  Shown greeting(Bytes payload);

  wire::Capabilities offered_;
  bool greeted_ = false;
  bool asked_ = false;  // the login request has come
};

/// A command as it may be shown, in part or as a whole. `with_content`: also the text of questions
/// that are answered. Others may be anything, so only their first byte is.
[[nodiscard]] Buffer copy_of_command(Bytes payload, bool with_content);

/// How many bytes of a packet are shown without content: of an answer what kind it is and an
/// error's number, of a dump the event's header.
[[nodiscard]] std::size_t size_of_head(PacketKind kind, Bytes payload, bool semi_sync);

}  // namespace sluice::proxy::tap
