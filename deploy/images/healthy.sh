#!/bin/bash
# The health check of the images; exit code 0: healthy, 1: not.
#   file   the process wrote CHANGEDETECTION_HEALTH_FILE within the last 30 s: it does so every 5 s while it is ready
#   http   the dashboard answers on its port
case ${1:-} in
    file)
        [ -n "$(find "$CHANGEDETECTION_HEALTH_FILE" -mmin -0.5 2>/dev/null)" ] || exit 1
        ;;
    http)
        exec 3<>"/dev/tcp/127.0.0.1/$CHANGEDETECTION_PORT" || exit 1
        printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
        read -r -t 4 _ status _ <&3 && [ "$status" = 200 ] || exit 1
        ;;
    *)
        echo "usage: $0 file|http" >&2
        exit 1
        ;;
esac
