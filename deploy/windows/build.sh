#!/bin/sh
# build.sh OUTFILE: makes the service host, msgtrk-service.exe, with mingw-w64 (Debian: gcc-mingw-w64-x86-64).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
x86_64-w64-mingw32-windmc "$here/messages.mc"
x86_64-w64-mingw32-windres messages.rc messages.o
# Two builds give the same bytes: without the time in the header.
x86_64-w64-mingw32-gcc -O2 -s -municode -Wall -Wextra -Werror -Wl,--no-insert-timestamp -I . -o "$out" \
  "$here/msgtrk-service.c" messages.o -ladvapi32
