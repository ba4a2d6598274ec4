#!/bin/sh
# Makes the journal queue beside the gateway's own Postfix, or brings it up to date. Changes nothing
# of the gateway's instance but that it knows of a second one (docs/deploy-postfix.md).
# usage: set-up-journal.sh [CONGVU_HOST:PORT]     (default 127.0.0.1:2525)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
congvu=${1:-127.0.0.1:2525}
name=postfix-journal
folder=/etc/$name
[ "$(id -u)" = 0 ] || { echo "$0: run it as root: Postfix's configuration is root's" >&2; exit 2; }
command -v postmulti >/dev/null || { echo "$0: Postfix is not installed here" >&2; exit 2; }

[ "$(postconf -h multi_instance_enable)" = yes ] || postmulti -e init
[ -d "$folder" ] || postmulti -I "$name" -G journal -e create
grep -v -e '^#' -e '^$' "$here/journal-main.cf" |
    sed "s|congvu:\[127.0.0.1\]:2525|congvu:[${congvu%:*}]:${congvu##*:}|" |
    while IFS= read -r line; do postconf -c "$folder" -e "$line"; done
install -m 644 "$here/journal-master.cf" "$folder/master.cf"
postmulti -i "$name" -e enable
postfix -c "$folder" check
if postfix -c "$folder" status 2>/dev/null; then
    postfix -c "$folder" reload
else
    postfix -c "$folder" start
fi
echo "The journal queue runs: 127.0.0.1:10625 → $congvu. Look at it with: postqueue -c $folder -p"
