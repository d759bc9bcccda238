#!/bin/sh
# Fills a disk from a DataVolume's source; the whole work of an importer pod (docs/data-volumes.md, ADR 10).
#
#   * The disk is there whole or not at all: disk.img appears by a rename, and who made this pod believes in it only when
#     this script has ended with 0.
#   * It may be killed at any point and run again. What was downloaded stays in $STATE and is gone on with (HTTP Range) as
#     long as the server still has the same file.
#   * Nobody vouches for the image: qemu-img reads it with limits on CPU, memory and time, nothing but raw and qcow2 is
#     accepted, and no image that names another file.
#
# Exit status: 0 done; 1 worth another try; 3 it will not work however often it is tried. Why, in a sentence: the
# termination log. How far it is, in percent: http://POD:PORT/progress.
set -u
umask 007

# From the pod (src/controller/data-volumes/importer-pod.ts).
: "${IMPORT_SOURCE:?}" "${IMPORT_TARGET:?}" "${IMPORT_SIZE:?}" "${IMPORT_MAX:?}"
URL=${IMPORT_URL:-}
CHECKSUM=${IMPORT_CHECKSUM:-}
PREALLOCATE=${IMPORT_PREALLOCATE:-}
CREDENTIALS=${CREDENTIALS:-/credentials}
CERTIFICATES=${CERTIFICATES:-/certificates}
CLONE_SOURCE=${CLONE_SOURCE:-/source}
# Overridden by the tests only.
PORT=${IMPORT_PORT:-8080}
RUN=${RUN_DIR:-/run/import}
SCRATCH=${SCRATCH_DIR:-/scratch}
TERMINATION_LOG=${TERMINATION_LOG:-/dev/termination-log}
IMAGE_PROCESS=${IMAGE_PROCESS:-source}
IMAGE_DONE=${IMAGE_DONE:-/init/usr/bin/done}
CA_BUNDLE=${CA_BUNDLE:-/etc/ssl/certs/ca-certificates.crt}
PATIENCE=${PATIENCE:-60}

# Seconds of CPU, bytes of address space and seconds of time for a look at an image (docs/reference/domain.md §6.2).
INSPECT="timeout --signal=KILL 60 prlimit --cpu=20 --as=1000000000 --"
# xz -9 needs 65 MiB, xz as it comes 9.
XZ_MEMORY=80MiB
# A download that is broken off this often without a byte more is left to the next start of the pod, which comes later.
FRUITLESS=5

say() { echo "importer: $*" >&2; }
# $1 exit status, $2 sentence.
finish() {
  printf '%s' "$2" >"$TERMINATION_LOG"
  say "$2"
  exit "$1"
}
never() { finish 3 "$1"; }
later() { finish 1 "$1"; }

trap 'finish 1 "The importer was told to stop; it goes on where it was when it is started again."' TERM INT

size_of() { stat --format=%s -- "$1" 2>/dev/null || echo 0; }
# A number of bytes from outside: digits, and few enough for the shell's arithmetic.
is_number() { case $1 in '' | *[!0-9]* | ???????????????????*) return 1 ;; esac; }

# --- progress -----------------------------------------------------------------------------------------------------------

# $1 hundredths of a percent.
progress() {
  printf '%d.%02d\n' $(($1 / 100)) $(($1 % 100)) >"$RUN/www/progress.new" && mv "$RUN/www/progress.new" "$RUN/www/progress"
}

# Reports once a second how large a file is. $1 file, $2 bytes it will have, $3 $4 the percents that are 0 and all of it.
report_size() {
  is_number "$2" && [ "$2" -gt 0 ] || return 0
  while sleep 1; do progress $(($3 * 100 + $(size_of "$1") * ($4 - $3) * 100 / $2)); done >/dev/null 2>&1 &
  reporter=$!
}
# The same of `qemu-img -p`, which prints "(12.34/100%)". $1 its output, $2 $3 as above.
report_qemu() {
  while sleep 1; do
    now=$(tr '\r' '\n' <"$1" | sed -n 's/.*(\([0-9]*\)\.[0-9]*\/100%).*/\1/p' | tail -n 1)
    is_number "$now" && progress $(($2 * 100 + now * ($3 - $2)))
  done >/dev/null 2>&1 &
  reporter=$!
}
stop_report() {
  [ -n "${reporter:-}" ] && kill "$reporter" 2>/dev/null && wait "$reporter" 2>/dev/null
  reporter=
}

# --- download -----------------------------------------------------------------------------------------------------------

# What curl is always told. --fail: an error page is no image. --proto: no file://, also not after a redirect.
# --speed-*: a connection on which nothing comes is a broken one.
fetch() {
  curl --disable --globoff --config "$RUN/curl.conf" --silent --show-error --fail --location --max-redirs 5 --proto '=http,https' \
    --proto-redir '=http,https' --connect-timeout 20 --speed-limit 1 --speed-time "$PATIENCE" --dump-header "$RUN/headers" \
    --stderr "$RUN/curl.err" "$@" --url "$URL"
}

# Secrets go into a file, not into arguments that every process of the pod may read.
write_curl_config() {
  : >"$RUN/curl.conf"
  if [ -e "$CREDENTIALS/accessKeyId" ] || [ -e "$CREDENTIALS/secretKey" ]; then
    user=$(cat "$CREDENTIALS/accessKeyId" 2>/dev/null) || never "The Secret of secretRef has no key accessKeyId (the user's name): add it."
    password=$(cat "$CREDENTIALS/secretKey" 2>/dev/null) || never "The Secret of secretRef has no key secretKey (the password): add it."
    # A line break would begin another option of curl's, and no other control character is sent as it was meant.
    case $user in *[[:cntrl:]]*) never "accessKeyId in the Secret has a line break or another control character: take it out." ;; esac
    case $password in *[[:cntrl:]]*) never "secretKey in the Secret has a line break or another control character: take it out." ;; esac
    case $user in *:*) never "accessKeyId in the Secret has a colon, which no user's name of HTTP's basic authentication can have." ;; esac
    printf 'user = "%s"\n' "$(printf '%s:%s' "$user" "$password" | sed 's/[\\"]/\\&/g')" >>"$RUN/curl.conf"
  fi
  if [ -d "$CERTIFICATES" ]; then
    cat "$CA_BUNDLE" "$CERTIFICATES"/* >"$RUN/ca.pem" 2>/dev/null
    printf 'cacert = "%s"\n' "$RUN/ca.pem" >>"$RUN/curl.conf"
  fi
}

# The last answer's value of a header (those of redirects come before it).
header() { tr -d '\r' <"$RUN/headers" | awk -v name="$1:" '/^HTTP\// { value = "" } tolower($1) == name { sub(/^[^:]*: */, ""); value = $0 } END { print value }'; }
http_status() { awk '/^HTTP\// { code = $2 } END { print code }' "$RUN/headers" 2>/dev/null; }

# What curl's exit status $1 means for us: ends what cannot work, returns for what may.
judge_curl() {
  why=$(tr '\n' ' ' <"$RUN/curl.err" | cut -c1-300)
  case $1 in
    1 | 3 | 4) never "The URL cannot be used: $why" ;;
    22)
      code=$(http_status)
      case $code in
        408 | 416 | 425 | 429 | 5??) ;;
        401 | 403) never "The server answered $code to the URL: give it a secretRef, or correct the Secret." ;;
        *) never "The server answered $code to the URL: correct it." ;;
      esac
      ;;
    23) never "The image could not be written: $(room)" ;;
    47) never "The URL leads from one place to another without end (over 5 redirects): correct it." ;;
    51 | 58 | 59 | 60 | 77) never "The server's certificate is not trusted: give its CA as certConfigMap ($why)" ;;
    63) never "The image is larger than the disk may be, $IMPORT_MAX bytes: ask for more storage." ;;
  esac
}

room() { echo "$STATE has $(df --output=avail -B1 "$STATE" 2>/dev/null | tail -n 1 | tr -d ' ') bytes left; ask for more storage."; }

# Asks for the first bytes: how large the file is, whether the server can go on in the middle, and what tells this file
# from a later one at the same URL. Sets total, ranges, validator and identity.
probe() {
  tries=0
  while :; do
    : >"$RUN/headers"
    # A server that cannot do ranges sends all of it; head closes on that, which is curl's 23.
    {
      fetch --range 0-15 --output -
      echo $? >"$RUN/curl.code"
    } | head -c 16 >"$RUN/first"
    code=$(cat "$RUN/curl.code")
    case $code in 0 | 23) [ -s "$RUN/first" ] && break ;; esac
    # There is no first byte in an empty file.
    case $code in 0 | 22) [ "$code" = 0 ] || [ "$(http_status)" = 416 ] && never "The server has an empty file at the URL: correct it." ;; esac
    judge_curl "$code"
    tries=$((tries + 1))
    [ "$tries" -ge "$FRUITLESS" ] && later "The image cannot be fetched: $why"
    sleep "$tries"
  done
  ranges=
  if [ "$(http_status)" = 206 ]; then
    ranges=yes
    total=$(header content-range | sed -n 's|^bytes 0-[0-9]*/\([0-9]*\)$|\1|p')
  else
    total=$(header content-length)
  fi
  is_number "$total" || total=
  validator=$(header etag)
  case $validator in W/* | '') validator=$(header last-modified) ;; esac
  # A checksum tells a mixture of two files as well.
  identity="$URL $total ${validator:-${CHECKSUM:-unknown $(cat /proc/sys/kernel/random/uuid)}}"
}

begin_anew() {
  rm -f "$part"
  printf '%s' "$identity" >"$STATE/identity"
}

# Fetches into $part from byte $have on, with these arguments for curl. Sets code, curl's. A raw image is written with holes
# for its zeros; whatever its size is after a kill, it is a beginning of the file. SIGXFSZ is ignored: a file that grows too
# large is an error, not a death. Zeros are not written, so a server that sends them for ever is cut off by head.
take() {
  case $(magic "$RUN/first") in
    514649fb* | 1f8b* | fd377a585a00*)
      (trap '' XFSZ; ulimit -f $((LIMIT / 512)); fetch "$@" --output "$part")
      code=$?
      ;;
    *)
      {
        fetch "$@" --output -
        echo $? >"$RUN/curl.code"
      } | head -c $((LIMIT - have + 1)) | (
        trap '' XFSZ
        ulimit -f $((LIMIT / 512))
        dd of="$part" bs=1M iflag=fullblock oflag=seek_bytes seek="$have" conv=sparse,notrunc status=none 2>"$RUN/dd.err"
      ) && code=$(cat "$RUN/curl.code") || code=23
      ;;
  esac
}

download() {
  write_curl_config
  part=$STATE/download
  probe
  [ -z "$total" ] || [ "$total" -le "$LIMIT" ] ||
    never "The file at the URL has $total bytes, the disk may have $IMPORT_MAX: ask for more storage."
  [ -n "$ranges" ] && [ "$(cat "$STATE/identity" 2>/dev/null)" = "$identity" ] || begin_anew
  report_size "$part" "$total" 0 "$DOWNLOADED"
  fruitless=0
  why=
  while have=$(size_of "$part") && { [ -z "$total" ] || [ "$have" -lt "$total" ]; }; do
    set --
    if [ "$have" -gt 0 ]; then
      set -- --continue-at "$have"
      [ -n "$validator" ] && set -- "$@" --header "If-Range: $validator"
    fi
    take "$@"
    # An end that nobody announced has to be believed.
    [ "$code" = 0 ] && [ -z "$total" ] && break
    [ "$code" = 0 ] || judge_curl "$code"
    # The server cannot go on, or has another file by now: nothing of the old one may stay.
    case $code-$ranges-$(http_status) in
      0-*) ;;
      *--* | 33-* | 36-* | 22-*-416)
        probe
        begin_anew
        ;;
    esac
    now=$(size_of "$part")
    [ "$code" = 0 ] && [ "$now" -ge "$total" ] && break
    if [ "$now" -gt "$have" ]; then fruitless=0; else fruitless=$((fruitless + 1)); fi
    [ "$fruitless" -ge "$FRUITLESS" ] && later "The download was broken off at $have of ${total:-?} bytes: $why"
    say "broken off at $now of ${total:-?} bytes, going on: $why"
    sleep $((fruitless + 1))
  done
  stop_report
  if [ -n "$total" ] && [ "$(size_of "$part")" != "$total" ]; then
    rm -f "$part"
    later "The server announced $total bytes and sent more."
  fi
  verify "$part"
}

verify() {
  [ -n "$CHECKSUM" ] || return 0
  algorithm=${CHECKSUM%%:*}
  case $algorithm in md5 | sha1 | sha256 | sha512) ;; *) never "checksum begins with \"$algorithm\": write md5, sha1, sha256 or sha512, a colon and the sum." ;; esac
  found=$("${algorithm}sum" <"$1" | cut -d' ' -f1)
  [ "$found" = "$(printf '%s' "${CHECKSUM#*:}" | tr 'A-F' 'a-f')" ] && return 0
  rm -f "$1"
  never "The file at the URL has the checksum $algorithm:$found, not the one demanded: correct the checksum or the URL."
}

# --- images -------------------------------------------------------------------------------------------------------------

magic() { head -c 8 -- "$1" | od -An -tx1 | tr -d ' \n'; }

# Unpacks what is compressed, into $STATE/unpacked. Sets image.
unpack() {
  case $(magic "$1") in
    1f8b*) unpacker="gzip -dc" ;;
    fd377a585a00*) unpacker="xz -dc --memlimit-decompress=$XZ_MEMORY" ;;
    425a68* | 28b52ffd* | 504b0304*) never "The image is compressed with bzip2, zstd or zip: give it as it is, or with gzip or xz." ;;
    3c21444f* | 3c21646f* | 3c68746d* | 3c48544d*) never "The URL leads to a web page, not to an image: correct it." ;;
    *) image=$1; return ;;
  esac
  image=$STATE/unpacked
  rm -f "$image"
  # What it will have is not known before; xz and gzip of a disk are half of it or so.
  report_size "$image" $(($(size_of "$1") * 3)) "$DOWNLOADED" 95
  # pipefail is not dash's: the unpacker leaves its own status. Zeros are not written, so head ends a bomb of them.
  {
    $unpacker -- "$1" 2>"$RUN/unpack.err"
    echo $? >"$RUN/unpack.code"
  } | head -c $((LIMIT + 1)) | (trap '' XFSZ; ulimit -f $((LIMIT / 512)); dd of="$image" bs=1M iflag=fullblock conv=sparse status=none 2>"$RUN/dd.err")
  wrote=$?
  stop_report
  [ "$wrote" = 0 ] || never "The unpacked image could not be written, the disk may have $IMPORT_MAX bytes: ask for more storage ($(tail -n 1 "$RUN/dd.err" | cut -c1-200))"
  if [ "$(cat "$RUN/unpack.code")" != 0 ]; then
    never "The image could not be unpacked: $(tail -n 1 "$RUN/unpack.err" | cut -c1-200)"
  fi
  case $(magic "$image") in 1f8b* | fd377a585a00*) never "The image is compressed twice: unpack it once before." ;; esac
}

# The only value of a key of `qemu-img info --output=json` at its outermost level.
info() { sed -n "s/^    \"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$RUN/info"; }

# Looks at an image that nobody vouches for. Sets format and virtual_size, or ends.
inspect() {
  $INSPECT qemu-img info --output=json -- "$1" >"$RUN/info" 2>"$RUN/info.err" ||
    never "The image is not accepted: $(tail -n 1 "$RUN/info.err" | cut -c1-300)"
  format=$(info format)
  virtual_size=$(info virtual-size)
  case $format in
    raw | host_device) format=raw ;;
    qcow2) ;;
    *) never "The image has the format $format: give it as raw or qcow2 (qemu-img convert -O qcow2)." ;;
  esac
  grep -q '^ *"\(full-\)\{0,1\}backing-filename":' "$RUN/info" && never "The image needs a backing file: flatten it (qemu-img convert -O qcow2)."
  grep -q '^ *"data-file":' "$RUN/info" && never "The image's data lie in another file: put all into one (qemu-img convert -O qcow2)."
  grep -q '^ *"encrypted": true' "$RUN/info" && never "The image is encrypted, and no key can be given for it."
  is_number "$virtual_size" || never "The image does not tell its size."
  [ "$virtual_size" -gt 0 ] || never "The image is empty."
  [ "$virtual_size" -le "$IMPORT_MAX" ] ||
    never "The image holds a disk of $virtual_size bytes, the claim has room for $IMPORT_MAX: ask for more storage."
  if [ "$format" = qcow2 ]; then
    # Also finds what a server has cut off: QEMU would read zeros there. 3: clusters that nobody uses, which is harmless.
    $INSPECT qemu-img check -q -f qcow2 -- "$1" >/dev/null 2>"$RUN/info.err"
    case $? in 0 | 3) ;; *) never "The image is damaged or cut off (qemu-img check): fetch a good copy." ;; esac
  fi
}

# --- the disk -----------------------------------------------------------------------------------------------------------

# $1 image; format and virtual_size are set. Writes it where the disk belongs.
convert() {
  : >"$RUN/convert"
  if [ -b "$IMPORT_TARGET" ]; then
    wipe && zero=--target-is-zero || zero=
    set -- -n $zero -- "$1" "$IMPORT_TARGET"
  else
    rm -f "$IMPORT_TARGET/disk.img.new"
    set -- -- "$1" "$IMPORT_TARGET/disk.img.new"
  fi
  report_qemu "$RUN/convert" "$CONVERT_FROM" 99
  # -t writeback: what was written is flushed. -W: in any order, which is faster.
  qemu-img convert -p -W -m 4 -f "$format" -O raw -t writeback "$@" >"$RUN/convert" 2>"$RUN/convert.err"
  code=$?
  stop_report
  [ "$code" = 0 ] && return 0
  grep -q 'No space left' "$RUN/convert.err" && never "The disk does not fit: $(room)"
  later "The image could not be written: $(tail -n 1 "$RUN/convert.err" | cut -c1-300)"
}

# Nothing of an earlier tenant may shine through, neither beside the image nor behind it. False when it did not work.
wipe() { blkdiscard --zeroout -- "$IMPORT_TARGET" 2>/dev/null; }

# Grows the new file to the size that was asked for and gives it its name. $1 the file.
install_file() {
  [ "$(size_of "$1")" -ge "$IMPORT_SIZE" ] || truncate --size="$IMPORT_SIZE" -- "$1" || never "The disk cannot get its size of $IMPORT_SIZE bytes: $(room)"
  if [ -n "$PREALLOCATE" ]; then
    fallocate --length "$(size_of "$1")" -- "$1" 2>"$RUN/fallocate.err" || never "The disk's space cannot be set aside: $(room)"
  fi
  chmod 0660 -- "$1" && sync -- "$1" && mv -f -- "$1" "$IMPORT_TARGET/disk.img" && sync -- "$IMPORT_TARGET" ||
    later "disk.img could not be written."
}

block_tail() {
  # What wipe could not: zeros behind the image.
  device=$(blockdev --getsize64 "$IMPORT_TARGET") || later "The size of the block device cannot be read."
  [ -n "$zero" ] || dd if=/dev/zero of="$IMPORT_TARGET" bs=1M oflag=seek_bytes seek="$virtual_size" iflag=count_bytes \
    count=$((device - virtual_size)) conv=notrunc status=none || later "The rest of the block device could not be cleared."
  sync -- "$IMPORT_TARGET"
}

# $1 image, wherever it is; $2 "own" when it may be renamed into place.
install() {
  inspect "$1"
  if [ -b "$IMPORT_TARGET" ]; then
    convert "$1"
    block_tail
  elif [ "$format" = raw ] && [ "${2:-}" = own ]; then
    # It is written already, with holes: a raw image costs no second pass.
    install_file "$1"
  else
    convert "$1"
    install_file "$IMPORT_TARGET/disk.img.new"
  fi
}

# --- sources ------------------------------------------------------------------------------------------------------------

from_http() {
  # How much of the whole the download is: a second pass follows, or none for a raw file. Guessed; it is only shown.
  DOWNLOADED=80
  CONVERT_FROM=80
  download
  unpack "$STATE/download"
  [ "$image" = "$STATE/unpacked" ] && CONVERT_FROM=95
  install "$image" own
}

# The first process of the container that keeps the image: same uid, shared PID namespace (as in launcher pods).
image_root() {
  for directory in /proc/[0-9]*; do
    tr '\0' '\n' 2>/dev/null <"$directory/environ" | grep -qx "VIRT_CONTAINER=$IMAGE_PROCESS" && echo "$directory/root" && return
  done
  return 1
}

from_registry() {
  DOWNLOADED=0
  CONVERT_FROM=0
  waited=0
  until root=$(image_root); do
    [ "$waited" -ge "$PATIENCE" ] && later "The image's container does not run."
    sleep 1
    waited=$((waited + 1))
  done
  [ -d "$root/disk" ] || never "The image has no directory /disk: an image for a disk holds one file there."
  # No links: they would lead out of the image.
  count=$(find "$root/disk" -mindepth 1 -maxdepth 1 -type f | wc -l)
  [ "$count" = 1 ] || never "The image has $count files in /disk, where one is expected."
  file=$(find "$root/disk" -mindepth 1 -maxdepth 1 -type f)
  [ -r "$file" ] || never "The disk in the image cannot be read: give it to uid 107 when the image is built (COPY --chown=107:107)."
  unpack "$file"
  install "$image"
  # Its container ends then, and the pod with it.
  : >"$IMAGE_DONE"
}

from_clone() {
  CONVERT_FROM=0
  if [ -b "$CLONE_SOURCE" ]; then file=$CLONE_SOURCE; else file=$CLONE_SOURCE/disk.img; fi
  [ -b "$file" ] || { [ -f "$file" ] && [ ! -L "$file" ]; } || never "The claim that is to be cloned has no disk.img."
  [ -r "$file" ] || never "The claim that is to be cloned cannot be read by uid 107."
  install "$file"
}

from_blank() {
  if [ -b "$IMPORT_TARGET" ]; then
    virtual_size=0
    wipe && zero=yes || zero=
    block_tail
  else
    rm -f "$IMPORT_TARGET/disk.img.new"
    : >"$IMPORT_TARGET/disk.img.new" || later "The claim cannot be written to by uid 107."
    install_file "$IMPORT_TARGET/disk.img.new"
  fi
}

# --- here it begins -----------------------------------------------------------------------------------------------------

mkdir -p "$RUN/www" || later "$RUN cannot be written to."
progress 0
busybox httpd -f -p "$PORT" -h "$RUN/www" >/dev/null 2>&1 &
server=$!
# However this script ends, nothing of it stays.
trap 'kill "$server" ${reporter:-} 2>/dev/null' EXIT

if [ -b "$IMPORT_TARGET" ]; then
  [ -w "$IMPORT_TARGET" ] || later "The block device cannot be written to by uid 107: see docs/data-volumes.md, block devices."
  device=$(blockdev --getsize64 "$IMPORT_TARGET") || later "The size of the block device cannot be read."
  [ "$device" -lt "$IMPORT_MAX" ] && IMPORT_MAX=$device
  STATE=$SCRATCH
else
  [ -d "$IMPORT_TARGET" ] || later "$IMPORT_TARGET is neither a directory nor a block device."
  STATE=$IMPORT_TARGET/.import
fi
mkdir -p "$STATE" 2>/dev/null && [ -w "$STATE" ] || later "The claim cannot be written to by uid 107."

# What a file may have that becomes a disk of IMPORT_MAX bytes: qcow2 and gzip add a little.
LIMIT=$((IMPORT_MAX + IMPORT_MAX / 16 + 67108864))

case $IMPORT_SOURCE in
  http) from_http ;;
  registry) from_registry ;;
  clone) from_clone ;;
  blank) from_blank ;;
  *) never "There is no source $IMPORT_SOURCE." ;;
esac
progress 10000
[ -b "$IMPORT_TARGET" ] || rm -rf "$STATE"
finish 0 "The disk is complete."
