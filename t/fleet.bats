#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Recordings as a job of several machines: by Slurm and by GNU parallel, whose results equal those of one machine.

load lib
load fleet

# free_port: a port from here on on which nobody listens
free_port() {
	local port=$1
	while (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do
		port=$((port + 7))
	done
	echo $port
}

# running PID: it is there, and is no zombie.
running() {
	[ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

# The daemons write into the test's folder until they end.
teardown() {
	for pid in "$BATS_TEST_TMPDIR"/fleet/pids/*; do
		[ ! -f "$pid" ] || kill "$(cat "$pid")" 2>/dev/null || true
	done
	for pid in "$BATS_TEST_TMPDIR"/fleet/pids/*; do
		for ((i = 0; i < 100; i++)); do
			if [ ! -f "$pid" ] || ! running "$(cat "$pid")"; then break; fi
			sleep 0.1
		done
		[ ! -f "$pid" ] || ! running "$(cat "$pid")" || kill -9 "$(cat "$pid")" || true
	done
}

# one_machine: the recordings, and what one machine makes of them, once for all tests
one_machine() {
	dir=$BATS_TEST_TMPDIR/fleet
	mkdir -p "$dir/pids"
	if [ ! -e "$BATS_FILE_TMPDIR/want" ]; then
		recordings "$BATS_FILE_TMPDIR/in"
		report "$BATS_FILE_TMPDIR/in" "$BATS_FILE_TMPDIR/want" -s -j2
	fi
	ln -s "$BATS_FILE_TMPDIR"/{in,want} "$dir"
}

# same RESULTS: they are those of one machine
same() {
	diff -r "$dir/want" "$1" >"$out" || true
	run ! grep -v "^Only in $1: log" "$out"
}

@test "two processes that make the same result leave one; a killed one leaves none" {
	one_machine
	mkdir "$dir/bin" "$dir/twice"
	cd "$dir/want"
	for i in 1 2 3 4; do
		"$examples/report/recording.sh" recordings/guest.dat "$dir/twice/guest.dat" kallsyms/guest.dat &
	done
	wait
	[ "$(ls "$dir/twice")" = guest.dat ]
	diff -r results/guest.dat "$dir/twice/guest.dat"

	printf '#!/bin/sh\nkill -9 $PPID\n' >"$dir/bin/states2svg"
	chmod +x "$dir/bin/states2svg"
	PATH=$dir/bin:$PATH run -137 "$examples/report/recording.sh" recordings/guest.dat "$dir/killed/guest.dat"
	[ ! -e "$dir/killed/guest.dat" ]
	printf '#!/bin/sh\nkill -9 $$\n' >"$dir/bin/states2svg"
	PATH=$dir/bin:$PATH run -1 "$examples/report/recording.sh" recordings/guest.dat "$dir/killed/guest.dat"
	[[ $output == *'a filter ended with status 137'* ]]
	[ ! -e "$dir/killed/guest.dat" ]
}

@test "the scripts without arguments print their usage, with status 2" {
	for script in ci/ci fleet/parallel fleet/shard fleet/slurm report/list report/recording; do
		run -2 "$examples/$script.sh"
		[[ $output == "usage: ${script#*/}.sh "* ]] && [ ${#lines[@]} -eq 1 ]
	done
	run -1 "$examples/fleet/parallel.sh" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/none"
	[[ $output == *"$BATS_TEST_TMPDIR/none: No such file or directory" ]]
	[ ! -e "$BATS_TEST_TMPDIR/out" ]
}

# sshd_at PORT: start one for this user that takes the key of this test
sshd_at() {
	cat >"$dir/sshd$1" <<-END
		ListenAddress 127.0.0.1
		Port $1
		HostKey $dir/key
		AuthorizedKeysFile $dir/key.pub
		PidFile $dir/pids/$1
		StrictModes no
		UsePAM no
		MaxStartups 100
	END
	/usr/sbin/sshd -f "$dir/sshd$1" -E "$dir/sshd$1.log" 3>&-
	cat >>"$dir/config" <<-END
		Host node$1
		HostName 127.0.0.1
		Port $1
		IdentityFile $dir/key
		UserKnownHostsFile /dev/null
		StrictHostKeyChecking no
		LogLevel ERROR
	END
	echo "2/ssh -F $dir/config node$1" >>"$dir/logins"
}

@test "GNU parallel over ssh: two machines and a dead one do what one machine does" {
	needs parallel /usr/sbin/sshd ssh ssh-keygen
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	one_machine
	ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
	one=$(free_port $((20000 + RANDOM % 10000)))
	two=$(free_port $((one + 1)))
	sshd_at $one
	sshd_at $two
	ssh -F "$dir/config" node$one true 2>"$err" || skip "no login by ssh here: $(cat "$err")"
	echo "2/ssh -F $dir/config -p $(free_port $((two + 1))) node$one" >>"$dir/logins"

	"$examples/fleet/parallel.sh" "$dir/in" "$dir/out" "$dir/logins" 2>"$err"
	same "$dir/out"
	[ "$(awk -F '\t' 'NR > 1 && $7 == 0 { print $2 }' "$dir/out/log.parallel" | sort -u | wc -l)" -eq 2 ]

	# again: only what has no result
	rm -r "$dir/out/results/guest.dat"
	"$examples/fleet/parallel.sh" "$dir/in" "$dir/out" "$dir/logins"
	[ "$(awk 'NR > 1 && /guest.dat/' "$dir/out/log.parallel" | wc -l)" -eq 1 ]
	[ "$(wc -l <"$dir/out/log.parallel")" -eq 2 ]
	same "$dir/out"
}

# slurm_up: a controller and the nodes n1 and n2, all on this machine
slurm_up() {
	slurm=$dir/slurm host=$(hostname)
	mkdir -p "$slurm/munge" "$slurm/state" "$slurm/n1" "$slurm/n2"
	chmod 755 "$slurm/munge"
	(umask 077 && head -c 128 /dev/urandom >"$slurm/munge.key")
	controller=$(free_port $((30000 + RANDOM % 10000)))
	one=$(free_port $((controller + 1)))
	two=$(free_port $((one + 1)))
	cat >"$slurm/slurm.conf" <<-END
		ClusterName=test
		SlurmctldHost=$host(127.0.0.1)
		SlurmctldPort=$controller
		SlurmUser=root
		AuthInfo=socket=$slurm/munge/socket
		StateSaveLocation=$slurm/state
		SlurmdSpoolDir=$slurm/%n
		SlurmctldPidFile=$dir/pids/controller
		SlurmdPidFile=$dir/pids/%n
		SlurmctldLogFile=$slurm/controller.log
		SlurmdLogFile=$slurm/%n.log
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		ReturnToService=2
		KillWait=1
		SchedulerType=sched/builtin
		SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
		SelectType=select/cons_tres
		SelectTypeParameters=CR_Core
		NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$one CPUs=2
		NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$two CPUs=2
		PartitionName=all Nodes=n1,n2 Default=YES
	END
	export SLURM_CONF=$slurm/slurm.conf
	munged --force --key-file="$slurm/munge.key" --socket="$slurm/munge/socket" --pid-file="$dir/pids/munge" \
		--log-file="$slurm/munge.log" --seed-file="$slurm/munge.seed" 3>&-
	slurmctld -c -f "$slurm/slurm.conf" 3>&-
	slurmd -N n1 -f "$slurm/slurm.conf" 3>&-
	slurmd -N n2 -f "$slurm/slurm.conf" 3>&-
	within 20 nodes idle 2
}

# nodes STATE NUMBER: that is how many nodes are in this state
nodes() {
	[ "$(sinfo -h -t "$1" -o %D)" = "$2" ]
}

# requeued: a task waits to be run again, until its credential has expired; this lets it run at once
requeued() {
	local job
	job=$(squeue -h -t PD -o '%i %r' | sed -n 's/ BeginTime$//p')
	[ -n "$job" ] && scontrol update job="$job" starttime=now
}

finished() {
	[ -z "$(squeue -h)" ]
}

@test "Slurm: a node is killed in the middle of an array job, and the result is that of one machine" {
	needs slurmctld slurmd sbatch munged
	[ "$(id -u)" -eq 0 ] || skip "not root"
	one_machine
	slurm_up

	# on node n2, the second recording never ends: the wrapper writes down its process and those above it
	mkdir "$dir/bin"
	cat >"$dir/bin/sched2states" <<-END
		#!/bin/bash
		[ "\$SLURMD_NODENAME" != n2 ] || ! mkdir "$dir/stuck" 2>/dev/null || {
			pid=\$\$
			until [ "\$(cat /proc/\$pid/comm)" = slurmstepd ]; do
				pids+=" \$pid"
				pid=\$(awk '/^PPid/ { print \$2 }' /proc/\$pid/status)
			done
			echo "\$pid\$pids" >"$dir/stuck/new"
			mv "$dir/stuck/new" "$dir/stuck/pids"
			exec sleep 60
		}
		exec "$BUILD/sched2states" "\$@"
	END
	chmod +x "$dir/bin/sched2states"
	PATH=$dir/bin:$PATH "$examples/fleet/slurm.sh" "$dir/in" "$dir/out" 3 >"$out"
	within 30 test -f "$dir/stuck/pids"
	kill -9 "$(cat "$dir/pids/n2")" $(cat "$dir/stuck/pids")
	scontrol update nodename=n2 state=down reason=killed

	within 20 requeued
	within 60 finished
	[ "$(scontrol show job "$(cat "$out")" | grep -c 'JobState=COMPLETED')" -eq 1 ]
	grep -q . "$dir/out/index.html"
	same "$dir/out"
	[ -z "$(find "$dir/out" -name '*~tmp~*')" ]
	[ "$(scontrol show job | grep -c 'Restarts=1')" -ge 1 ]
}
