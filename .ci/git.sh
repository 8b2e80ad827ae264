# What the scripts share that write to the tracker's own repository. To be sourced.
#
# GITHUB_TOKEN, when it is set, is given to git for each command by the environment alone: it stands in no file, no
# address and no list of processes.
# shellcheck shell=bash

ACTIONS_EMAIL='41898282+github-actions[bot]@users.noreply.github.com'

as_actions() { # git, in the name of GitHub's own account for workflows
	git -c user.name='github-actions[bot]' -c user.email="$ACTIONS_EMAIL" "$@"
}

remote_git() { # git, with the right to read and write the repository
	if [[ -z ${GITHUB_TOKEN:-} ]]; then
		git "$@"
		return
	fi
	local basic
	basic=$(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 | tr -d '\n')
	if [[ -n ${GITHUB_ACTIONS:-} ]]; then printf '::add-mask::%s\n' "$basic" >&2; fi
	GIT_CONFIG_COUNT=1 \
		GIT_CONFIG_KEY_0="http.${GITHUB_SERVER_URL:-https://github.com}/.extraheader" \
		GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $basic" \
		GIT_TERMINAL_PROMPT=0 git "$@"
}
