#!/usr/bin/env bash
# Runs the titok commands that the README shows, in its order, in a folder of their own: what people copy has to work.
# Commands for weights that are not here are skipped. The last line is "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")/.."
passed=0 failed=0 skipped=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for entry in *; do ln -s "$PWD/$entry" "$work/$entry"; done

# why_not LINE: the reason not to run it, or nothing.
why_not() {
  local words previous= word
  read -ra words <<<"$1"
  case $1 in *…* | *...* | *'<'*) echo "it is a pattern, not a command"; return ;; esac
  case ${words[1]:-} in
    test) echo "the tests are run by themselves"; return ;;
    demo) echo "it opens a window"; return ;;
    convert) [ -e "$work/${words[2]:-}" ] || echo "it needs ${words[2]:-}"; return ;;
  esac
  case $1 in *--random-weights*) return ;; esac
  for word in "${words[@]}"; do
    case $previous in --model | --tokenizer | --generator) [ -e "$work/$word" ] || { echo "it needs the weights in $word"; return; } ;; esac
    previous=$word
  done
}

# Lines of code, fenced or indented, that begin with ./run.sh or titok; what follows " #" is a remark.
while IFS= read -r line; do
  reason=$(why_not "$line")
  if [ -n "$reason" ]; then
    skipped=$((skipped + 1)); echo "skipped $line: $reason"
    continue
  fi
  if (cd "$work" && titok() { ./run.sh "$@"; } && export -f titok && timeout 600 bash -c "$line") >"$work/.log" 2>&1 </dev/null; then
    passed=$((passed + 1)); echo "ok      $line"
  else
    failed=$((failed + 1)); echo "FAILED  $line"; sed 's/^/        /' "$work/.log"
  fi
done < <(sed -nE 's/^[[:space:]]*(\$ )?((\.\/run\.sh|titok) [^|].*)$/\2/p' README.md | sed -E 's/[[:space:]]+#.*//; s/[[:space:]]+$//')
[ $((passed + failed)) -gt 0 ] || { failed=1; echo "FAILED  README.md shows no command that can be run"; }
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
