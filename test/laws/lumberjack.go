// Writes events through the library that the API server rotates its log with, under a clock of its own, and says what is
// left of them: for each line of its input, {maxSize, maxBackup, maxAge, bytes, every, steps}, one line of JSON with
// [files, bytes, seconds since the oldest event] after each event.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"

	lumberjack "gopkg.in/natefinch/lumberjack.v2"
)

//go:linkname currentTime gopkg.in/natefinch/lumberjack%2ev2.currentTime
var currentTime func() time.Time

// A mebibyte, made small so that a run writes little.
//
//go:linkname megabyte gopkg.in/natefinch/lumberjack%2ev2.megabyte
var megabyte int

//go:linkname millRunOnce gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRunOnce
func millRunOnce(l *lumberjack.Logger) error

type run struct {
	MaxSize, MaxBackup, MaxAge, Bytes, Every, Steps int
}

func main() {
	megabyte = 1024
	input := json.NewDecoder(os.Stdin)
	for input.More() {
		var r run
		check(input.Decode(&r))
		output, err := json.Marshal(write(r))
		check(err)
		fmt.Println(string(output))
	}
}

func write(r run) [][3]int {
	directory, err := os.MkdirTemp("", "lumberjack")
	check(err)
	defer os.RemoveAll(directory)
	logger := &lumberjack.Logger{
		Filename:   filepath.Join(directory, "audit.log"),
		MaxSize:    r.MaxSize,
		MaxBackups: r.MaxBackup,
		MaxAge:     r.MaxAge,
	}
	defer logger.Close()
	wanted := cleaning(logger)
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	left := [][3]int{}
	for step := 0; step < r.Steps; step++ {
		seconds := step * r.Every
		currentTime = func() time.Time { return start.Add(time.Duration(seconds) * time.Second) }
		event := fmt.Sprintf("%010d", seconds)
		_, err := logger.Write([]byte(event + strings.Repeat(" ", r.Bytes-len(event))))
		check(err)
		select {
		case <-wanted:
			check(millRunOnce(logger))
		default:
		}
		left = append(left, look(directory, seconds))
	}
	return left
}

// The library removes files in a goroutine, at a time nobody knows. Here it only says that it wants to.
func cleaning(logger *lumberjack.Logger) chan bool {
	wanted := make(chan bool, 1)
	fields := reflect.ValueOf(logger).Elem()
	pointer := func(name string) unsafe.Pointer { return unsafe.Pointer(fields.FieldByName(name).UnsafeAddr()) }
	(*sync.Once)(pointer("startMill")).Do(func() { *(*chan bool)(pointer("millCh")) = wanted })
	return wanted
}

func look(directory string, now int) [3]int {
	entries, err := os.ReadDir(directory)
	check(err)
	names := []string{}
	total := 0
	for _, entry := range entries {
		info, err := entry.Info()
		check(err)
		names = append(names, entry.Name())
		total += int(info.Size())
	}
	// "audit-2026…" sorts before "audit.log".
	sort.Strings(names)
	content, err := os.ReadFile(filepath.Join(directory, names[0]))
	check(err)
	oldest, err := strconv.Atoi(string(content[:10]))
	check(err)
	return [3]int{len(names) - 1, total, now - oldest}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
