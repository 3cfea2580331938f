package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"treem/channels"
)

// listen binds the public listener and serves the channels' routes, health and metrics. Without HTTP channels nothing
// is bound.
func (a *App) listen(m *metrics) error {
	mux := http.NewServeMux()
	routes := 0
	for _, c := range a.channels {
		if r, ok := c.(channels.Router); ok {
			for _, route := range r.Routes() {
				mux.Handle(route.Pattern, route.Handler)
				routes++
			}
		}
	}
	if routes == 0 {
		return nil
	}
	if err := a.openConsole(mux); err != nil {
		return err
	}
	mux.HandleFunc("GET /healthz", a.health)
	mux.HandleFunc("GET /readyz", a.ready)
	if a.cfg.MetricsListen == "" {
		mux.Handle("GET /metrics", loopbackOnly(m.handler()))
	} else {
		own := http.NewServeMux()
		own.Handle("GET /metrics", m.handler())
		if _, err := a.serve("metrics", a.cfg.MetricsListen, own, nil); err != nil {
			return err
		}
	}
	if a.cfg.TLS.Redirect != "" {
		if _, err := a.serve("redirect", a.cfg.TLS.Redirect, a.tls.redirect, nil); err != nil {
			return err
		}
	}
	var err error
	a.listener, err = a.serve("public", a.cfg.Listen, a.tracing.http(mux), a.tls)
	return err
}

// serve binds before it returns, so that a taken port fails at once. Without certificates it speaks plain HTTP.
func (a *App) serve(name, address string, h http.Handler, certs *certificates) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w; set another address (listen, metrics_listen, console.listen, tls.redirect)", err)
	}
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	run := srv.Serve
	if certs != nil {
		srv.TLSConfig = certs.config
		run = func(l net.Listener) error { return srv.ServeTLS(l, "", "") }
	}
	srv.ErrorLog = newHTTPLog(a.log)
	go func() {
		if err := run(l); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("HTTP listener failed", "listener", name, "error", err)
		}
	}()
	a.onClose(name+" listener", func(ctx context.Context) error {
		if err := srv.Shutdown(ctx); err != nil {
			return errors.Join(err, srv.Close())
		}
		return nil
	})
	return l, nil
}

// loopbackOnly hides what only the machine itself may see.
func loopbackOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !fromLoopback(r) {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// fromLoopback says whether a request comes from the machine itself and from no proxy on it.
func fromLoopback(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback() && r.Header.Get("X-Forwarded-For") == ""
}
