#include "filters/sql/statement_transaction.hpp"

#include <doctest/doctest.h>

namespace sluice::filters {
namespace {

TEST_CASE("transaction control is recognised as the appliers recognise it") {
  using enum TransactionControl;
  struct Row {
    const char* text;
    TransactionControl control;
  };
  for (const Row& row : {
           // As recorded on 5.6, 9.7, MariaDB 10.11 and 11.8.
           Row{"BEGIN", begin},
           Row{"COMMIT", commit},
           Row{"ROLLBACK", rollback},
           Row{"SAVEPOINT `s``2`", savepoint},
           Row{"ROLLBACK TO `a`", rollback_to},
           Row{"XA START X'7831',X'',1", xa_start},
           Row{"XA END X'7831',X'',1", xa_end},
           Row{"XA PREPARE X'7831',X'',1", xa_prepare},
           Row{"XA COMMIT X'7831',X'',1", xa_commit},
           Row{"XA ROLLBACK X'7833',X'',1", xa_rollback},
           // As a user may write it, where a server logs that.
           Row{"rollback", rollback},
           Row{"ROLLBACK WORK", rollback},
           Row{"rollback  work /* x */ to savepoint a", rollback_to},
           Row{"rollback/*x*/to d", rollback_to},
           Row{"rollback --\x81 no code in cp1250\n to a", rollback_to},
           Row{"ROLLBACK AND NO CHAIN", rollback},
           Row{"savepoint a", savepoint},
           Row{"RELEASE SAVEPOINT a", savepoint},
           // Only the exact words begin and end a group.
           Row{"begin", none},
           Row{"BEGIN ", none},
           Row{"COMMIT/* x */", none},
           Row{"COMMIT ", none},
           Row{"commit", none},
           Row{"", none},
           Row{"B", none},
           Row{"XA RECOVER", none},
           Row{"XA", none},
           Row{"INSERT INTO t VALUES ('COMMIT')", none},
           Row{"CREATE TABLE t (a int)", none},
       }) {
    CAPTURE(row.text);
    CHECK(transaction_control(row.text) == row.control);
  }
}

}  // namespace
}  // namespace sluice::filters
