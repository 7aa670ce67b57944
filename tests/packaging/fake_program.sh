#!/bin/sh
# In the place of a compiled binary: what packaging/ asks of it, without a runtime.
case $1 in
  man) mkdir -p "$3" && echo '.TH chatterbox 1' >"$3/chatterbox.1" ;;
  completion) echo "# completion for $2" ;;
  config) echo "{ \"$2\": true }" ;;
esac
