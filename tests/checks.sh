# For scripts that check things and count them, to be sourced once $work is a folder of theirs: what holds, what does not and what
# is skipped, a line each, and a last line "N passed, N failed, N skipped".
passed=0 failed=0 skipped=0

# check NAME COMMAND…: the command holds or does not; its output, in $work/log, is shown only if it fails.
check() {
  local name=$1
  shift
  if "$@" >"$work/log" 2>&1 </dev/null; then
    passed=$((passed + 1)); echo "ok      $name"
  else
    failed=$((failed + 1)); echo "FAILED  $name"; tail -n 60 "$work/log" | sed 's/^/        /'
  fi
}

# skip NAME WHY
skip() { skipped=$((skipped + 1)); echo "skipped $1: $2"; }

# finish: the last line; the script ends with it.
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}
