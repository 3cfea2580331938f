package telegramserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"treem/channels/channelstest/standin"
)

// upload stands among the parameters for a file that came with the call: its media type and length.
const upload = "\x01upload "

// addFile notes a file of a multipart form.
func (p params) addFile(name string, h *multipart.FileHeader) error {
	f, err := h.Open()
	if err != nil {
		return errors.New("can't read a file")
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return errors.New("can't read a file")
	}
	p[name] = fmt.Sprintf("%s%s %d", upload, http.DetectContentType(data), len(data))
	return nil
}

// inputFile wants a file of one of these types and at most that many bytes, or what may be a file's identifier.
func inputFile(most int, types ...string) standin.Rule {
	return func(s string) error {
		what, uploaded := strings.CutPrefix(s, upload)
		if !uploaded {
			return length(1, 256)(s)
		}
		kind, size, _ := strings.Cut(what, " ")
		n, err := strconv.Atoi(size)
		switch {
		case !slices.Contains(types, kind):
			return errors.New("the file is not of a type that can be sent so")
		case err != nil, n == 0:
			return errors.New("file must be non-empty")
		case n > most:
			return errors.New("file is too big")
		}
		return nil
	}
}

// sendFile takes a picture or recording, uploaded or by its identifier.
func sendFile(kind string) func(*Server, context.Context, params, bool) answer {
	return func(s *Server, _ context.Context, p params, lost bool) answer {
		s.Mu.Lock()
		defer s.Mu.Unlock()
		if a, bad := s.closed(p["chat_id"]); bad {
			return a
		}
		id := p[kind]
		if strings.HasPrefix(id, upload) {
			id = fmt.Sprintf("%s-file-%d", kind, len(s.files)+1)
			s.files = append(s.files, id)
		} else if !slices.Contains(s.files, id) || !strings.HasPrefix(id, kind) {
			return refuse(http.StatusBadRequest, "Bad Request: wrong file identifier/HTTP URL specified")
		}
		s.lastID++
		m := Sent{ID: s.lastID, Chat: p["chat_id"], Topic: int(p.integer("message_thread_id")), Text: p["caption"], File: id, Lost: lost}
		s.Taken = append(s.Taken, m)
		s.Notify()
		out := map[string]any{"message_id": m.ID, "from": self(), "chat": chatOf(m.Chat), "date": time.Now().Unix(), "caption": m.Text}
		file := map[string]any{"file_id": id, "file_unique_id": "u" + id, "width": 1280, "height": 720, "duration": 3}
		if out[kind] = file; kind == "photo" {
			small := map[string]any{"file_id": id + "-small", "file_unique_id": "s" + id, "width": 90, "height": 60}
			out[kind] = []any{small, file}
		}
		return result(out)
	}
}

// Uploads counts the files uploaded.
func (s *Server) Uploads() int {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return len(s.files)
}

// LoseFiles makes the server forget the files it has.
func (s *Server) LoseFiles() {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for i := range s.files {
		s.files[i] = ""
	}
}

// copyMessage copies what a person sent, as Hold told, to another chat.
func (s *Server) copyMessage(_ context.Context, p params, lost bool) answer {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if a, bad := s.closed(p["chat_id"]); bad {
		return a
	}
	key := p["from_chat_id"] + "/" + p["message_id"]
	if !slices.Contains(s.held, key) {
		return refuse(http.StatusBadRequest, "Bad Request: message to copy not found")
	}
	s.lastID++
	s.Taken = append(s.Taken, Sent{ID: s.lastID, Chat: p["chat_id"], Topic: int(p.integer("message_thread_id")), Copied: key, Lost: lost})
	s.Notify()
	return result(map[string]any{"message_id": s.lastID})
}

// Hold makes the server keep a message that a person sent, to be copied.
func (s *Server) Hold(chat, message int64) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.held = append(s.held, fmt.Sprintf("%d/%d", chat, message))
}
