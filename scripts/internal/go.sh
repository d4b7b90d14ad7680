# What the entry points have in common, who read this file: they need Go, and build as
# images are built, so that the local stack, the tests and the images compile nothing twice.
command -v go >/dev/null || { echo "${0##*/}: Go 1.26 or newer is missing: install it, and see that its bin folder is in PATH" >&2; exit 1; }
export CGO_ENABLED=0 GOFLAGS
GOFLAGS="$(go env GOFLAGS)"
# Without the tables for debuggers a program is linked in half the time.
for flag in -trimpath -ldflags=-s; do
  case " $GOFLAGS " in *" $flag "*) ;; *) GOFLAGS="${GOFLAGS:+$GOFLAGS }$flag" ;; esac
done
