#!/bin/sh
# Installs a ready-made worker: its repository at the commit that was checked, an environment of its own, its weights.
#
#     sh setup.sh bagel             runs the `install` block of bagel.toml
#     sh setup.sh bagel --show      prints it, to paste or to change
#
# Needs git, the Python that the file names, and `hf` (of huggingface_hub) for the weights.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
file="$here/${1:-}.toml"
if [ ! -f "$file" ]; then
    echo "usage: sh setup.sh NAME [--show], NAME one of: $(cd "$here" && ls ./*.toml | sed 's|./||; s|.toml||' | tr '\n' ' ')" >&2
    exit 2
fi
block=$(sed -n "/^install = '''\$/,/^'''\$/p" "$file" | sed '1d;$d')
if [ "${2:-}" = --show ]; then
    printf '%s\n' "$block"
    exit
fi
for tool in git "python$(sed -n 's/^python = "\(.*\)"$/\1/p' "$file")" hf; do
    command -v "$tool" > /dev/null || { echo "setup.sh: $tool is not here; install it, then run this again" >&2; exit 1; }
done
printf '%s\n' "$block" | sh -eux
