#!/bin/sh
# Adds the system programs that tests drive: real servers and independent tools. Quick and silent
# about what is there; without the right to install it says which tests will be skipped, and why.
#   CONGVU_NO_INSTALL=1   install nothing
#   CI=true               a program that stays missing is an error
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

# program or file   Debian package   what needs it
needed='
openssl          openssl         signatures checked by a second implementation, TLS of the intake
pdfsig           poppler-utils   PDF signatures checked by a second implementation
xmlsec1          xmlsec1         XML signatures checked by a second implementation
pdftotext        poppler-utils   what the demo documents say
pdfinfo          poppler-utils   PDF reports: pages, fonts, what they are called
postfix          postfix         the intake fed by a real gateway, the journal queue of deploy/postfix
smtp-source      postfix         load for the intake
swaks            swaks           mails sent as an operator would try them
promtool         prometheus      /metrics and deploy/prometheus read by the real thing
prometheus       prometheus      a real scrape, and alert rules that it evaluates
prometheus-alertmanager prometheus-alertmanager alerts routed, grouped and delivered by the real thing
amtool           prometheus-alertmanager the routes of deploy/alertmanager read by the real thing
systemd-analyze  systemd         the confinement of deploy/congvu.service
slapd            slapd           accounts read from a real LDAP directory
ldapsearch       ldap-utils      LDIF as a real directory tool writes it
knotd            knot            mail domains on a real authoritative server, signed with DNSSEC
unbound          unbound         a real validating resolver before it
nginx            nginx           portals crawled as a real web server gives them
dovecot          dovecot-imapd   a journal mailbox on a real IMAP server
bsdtar           libarchive-tools 7z, RAR and tar archives read with the library that comes with it
logrotate        logrotate       logs rotated by the real thing while they are read
soffice          libreoffice-calc-nogui Excel reports opened by a second program
/usr/share/fonts/truetype/liberation/LiberationSerif-Regular.ttf fonts-liberation letters as wide as those of Times New Roman, for the same
mount            mount           a full disk
setpriv          util-linux      running as another account
/usr/include/asm-generic/unistd.h linux-libc-dev the numbers of system calls in the filter of the children
'

missing() {
    echo "$needed" | while read -r program package reason; do
        case $program in
            '') ;;
            /*) [ -e "$program" ] || echo "$program $package $reason" ;;
            *) command -v "$program" >/dev/null 2>&1 || echo "$program $package $reason" ;;
        esac
    done
}

say_skipped() {
    echo "$1 These tests will be skipped:"
    missing | while read -r program package reason; do
        echo "  $program (Debian package $package): $reason"
    done
    [ "${CI:-}" != true ] || { echo "CI=true: nothing may be skipped." >&2; exit 1; }
    exit 0
}

lacking=$(missing)
[ -n "$lacking" ] || exit 0
packages=$(echo "$lacking" | awk '{print $2}' | sort -u | tr '\n' ' ')

[ "${CONGVU_NO_INSTALL:-}" != 1 ] || say_skipped "CONGVU_NO_INSTALL=1: nothing is installed."
command -v apt-get >/dev/null 2>&1 ||
    say_skipped "No apt-get here: install these programs by your system's own means."
if [ "$(id -u)" = 0 ]; then
    as_root() { "$@"; }
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root() { sudo -n "$@"; }
else
    say_skipped "Neither root nor sudo without a password: run 'sudo apt-get install $packages'."
fi

# policy-rc.d keeps packages from starting their services: no test needs them, no port is opened.
policy=/usr/sbin/policy-rc.d
ours=
cleanup() { [ -z "$ours" ] || as_root rm -f "$policy"; }
trap cleanup EXIT
trap 'exit 130' INT TERM
if [ ! -e "$policy" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
fi

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null
}
echo "Installing for the tests: $packages"
# Without an answer Debian's Postfix would set itself up to take mail from the internet.
if echo "$packages" | grep -qw postfix && command -v debconf-set-selections >/dev/null 2>&1; then
    echo 'postfix postfix/main_mailer_type select Local only' | as_root debconf-set-selections
fi
# Tests start directories of their own: the package's is neither set up nor started at boot.
if echo "$packages" | grep -qw slapd && command -v debconf-set-selections >/dev/null 2>&1; then
    echo 'slapd slapd/no_configuration boolean true' | as_root debconf-set-selections
fi
log=$(mktemp)
# shellcheck disable=SC2086 # one word a package
if ! { apt update && apt install --no-install-recommends $packages; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    say_skipped "apt-get could not install $packages(its last lines are above)."
fi
rm -f "$log"
if echo "$packages" | grep -qw slapd && command -v update-rc.d >/dev/null 2>&1; then
    as_root update-rc.d slapd disable >/dev/null 2>&1 ||
        echo "slapd could not be disabled: it may start at the next boot; no test needs that." >&2
fi
[ -z "$(missing)" ] || say_skipped "Still missing after the installation."
echo "Installed: $packages"
