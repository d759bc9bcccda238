// Package main is the guest's side of `npm run bench:network`: it needs no library and copies nothing twice, so that
// what is measured is the way between guest and node, and not the guest's own programs.
package main

import (
	"os/signal"
	"strconv"
	"syscall"
)

const piece = 256 * 1024

// UDP's longest datagram that a usual network carries whole.
const datagram = 1400

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func bound(kind, port int) int {
	fd, err := syscall.Socket(syscall.AF_INET, kind, 0)
	must(err)
	must(syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1))
	must(syscall.Bind(fd, &syscall.SockaddrInet4{Port: port}))
	return fd
}

// Each connection in its turn until its end.
func serveTCP(port int, serve func(fd int)) {
	listener := bound(syscall.SOCK_STREAM, port)
	must(syscall.Listen(listener, 16))
	for {
		fd, _, err := syscall.Accept(listener)
		if err != nil {
			continue
		}
		_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
		serve(fd)
		_ = syscall.Close(fd)
	}
}

func serveUDP(port int, serve func(fd int, data []byte, from syscall.Sockaddr)) {
	fd := bound(syscall.SOCK_DGRAM, port)
	data := make([]byte, 65536)
	for {
		n, from, err := syscall.Recvfrom(fd, data, 0)
		if err == nil {
			serve(fd, data[:n], from)
		}
	}
}

func sink(fd int) {
	data := make([]byte, piece)
	for {
		if n, err := syscall.Read(fd, data); n <= 0 || err != nil {
			return
		}
	}
}

func source(fd int) {
	data := make([]byte, piece)
	for {
		if n, err := syscall.Write(fd, data); n <= 0 || err != nil {
			return
		}
	}
}

func echo(fd int) {
	data := make([]byte, 4096)
	for {
		n, err := syscall.Read(fd, data)
		if n <= 0 || err != nil {
			return
		}
		if _, err := syscall.Write(fd, data[:n]); err != nil {
			return
		}
	}
}

func main() {
	// A peer that ends is an error of write(2) here.
	signal.Ignore(syscall.SIGPIPE)
	go serveTCP(9000, sink)
	go serveTCP(9001, source)
	go serveTCP(9002, echo)
	go serveUDP(9003, func(fd int, data []byte, from syscall.Sockaddr) { _ = syscall.Sendto(fd, data, 0, from) })
	count := 0
	// One byte asks how many bytes came since the last question.
	go serveUDP(9004, func(fd int, data []byte, from syscall.Sockaddr) {
		if len(data) > 1 {
			count += len(data)
			return
		}
		_ = syscall.Sendto(fd, []byte(strconv.Itoa(count)), 0, from)
		count = 0
	})
	full := make([]byte, datagram)
	// Sends as many datagrams as the one that it gets has in words.
	serveUDP(9005, func(fd int, data []byte, from syscall.Sockaddr) {
		wanted, _ := strconv.Atoi(string(data))
		for ; wanted > 0; wanted-- {
			_ = syscall.Sendto(fd, full, 0, from)
		}
	})
}
