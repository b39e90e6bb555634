#!/bin/sh
# SPDX-License-Identifier: ISC
# Finger by pipelines: case folded, letters counted, a here-document.
read name
name=$(echo "$name" | tr -d '\r' | tr A-Z a-z | sed 's/[^a-z]//g')
n=$(printf %s "$name" | wc -c | tr -d ' ')
echo "finger from $HONEYD_IP_SRC: $name" >&2
cat <<END
Login: $name			Letters: $n
END
echo "Directory: /home/$name Shell: /bin/sh" | awk '{ print $1, $2 }'
