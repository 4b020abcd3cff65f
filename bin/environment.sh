# Sourced by the scripts next to it: finds a JDK 17 or 21 and Maven, or installs them, and runs Maven with its downloads
# shown as one line of progress.

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# java_version HOME: the major version of the JDK (with a compiler) there, or nothing.
java_version() {
  [[ -x "$1/bin/javac" ]] && "$1/bin/javac" -version 2>&1 | sed -nE 's/^javac ([0-9]+).*/\1/p'
}

# Exports JAVA_HOME for the first JDK 17 or 21 in: JAVA_HOME, the path, the places where distributions install one.
find_java() {
  local candidate on_path
  on_path="$(command -v javac || true)"
  for candidate in "${JAVA_HOME:-}" "${on_path:+$(dirname "$(dirname "$(readlink -f "$on_path")")")}" \
    /usr/lib/jvm/*17* /usr/lib/jvm/*21* "$HOME"/.sdkman/candidates/java/{17,21}*; do
    case "$(java_version "$candidate")" in
      17 | 21)
        export JAVA_HOME="$candidate"
        export PATH="$JAVA_HOME/bin:$PATH"
        return 0
        ;;
    esac
  done
  return 1
}

# Debian 13 has no JDK 17 any more; JDK 21 runs the same.
install_java_and_maven() {
  local packages="openjdk-17-jdk-headless maven"
  if command -v apt-cache >/dev/null && apt-cache show openjdk-21-jdk-headless >/dev/null 2>&1 \
    && ! apt-cache show openjdk-17-jdk-headless >/dev/null 2>&1; then
    packages="openjdk-21-jdk-headless maven"
  fi
  if [[ "$(id -u)" == 0 ]] && grep -qiE '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release 2>/dev/null; then
    echo "JDK 17 or Maven is missing; installing them: apt-get install -y $packages" >&2
    apt-get update -qq
    if ! apt-cache show "${packages%% *}" >/dev/null 2>&1; then
      packages="openjdk-21-jdk-headless maven"
    fi
    # shellcheck disable=SC2086 # two words are wanted
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages ca-certificates >/dev/null
  else
    echo "Cannot find JDK 17 (or 21) and Maven. Install them, then start again:" >&2
    echo "  sudo apt-get update && sudo apt-get install -y $packages" >&2
    exit 1
  fi
}

require_java_and_maven() {
  if ! find_java || ! command -v mvn >/dev/null; then
    install_java_and_maven
    hash -r
    find_java || {
      echo "Cannot find JDK 17 or 21 after installing it (set JAVA_HOME to one)" >&2
      exit 1
    }
  fi
}

# Passes the lines of Maven on; each "Downloaded" line only moves a counter on the standard error.
show_progress() {
  local line files=0 kilobytes=0 reported=-1 shown=0
  while IFS= read -r line; do
    case "$line" in
      *"Downloading from "* | Progress*) continue ;;
      *"Downloaded from "*)
        files=$((files + 1))
        if [[ "$line" =~ \(([0-9]+)(\.[0-9]+)?\ ([kM]?)B ]]; then
          case "${BASH_REMATCH[3]}" in
            M) kilobytes=$((kilobytes + BASH_REMATCH[1] * 1000)) ;;
            k) kilobytes=$((kilobytes + BASH_REMATCH[1])) ;;
          esac
        fi
        if [[ -t 2 ]]; then
          printf '\r\033[Kdownloaded %d files, %d MB' "$files" $((kilobytes / 1000)) >&2
          shown=1
        elif ((kilobytes / 50000 > reported)); then
          reported=$((kilobytes / 50000))
          printf 'downloaded %d files, %d MB\n' "$files" $((kilobytes / 1000)) >&2
        fi
        continue
        ;;
    esac
    ((shown)) && printf '\r\033[K' >&2
    shown=0
    printf '%s\n' "$line"
  done
  if ((shown)); then printf '\r\033[K' >&2; fi
}

# run_maven ARGUMENTS...: Maven's output with its downloads shown as progress; its exit status.
run_maven() {
  (cd "$repository" && mvn -B -Dstyle.color=never "$@" 2>&1) | show_progress
  return "${PIPESTATUS[0]}"
}
