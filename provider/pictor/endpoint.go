package pictor

import (
	"net/netip"
	"net/url"
	"strings"
)

// parseEndpoint reads the base URL and refuses what would lead the key astray.
func parseEndpoint(endpoint string, allowInsecure bool) (*url.URL, error) {
	endpoint = strings.TrimSpace(endpoint)
	if endpoint == "" {
		endpoint = DefaultEndpoint
	}
	base, err := url.Parse(endpoint)
	if err != nil {
		// The reason may quote the whole URL, with credentials in it.
		return nil, invalid("the endpoint (PICTOR_ENDPOINT) is not a URL; write one like %s", DefaultEndpoint)
	}
	switch {
	case base.User != nil:
		return nil, invalid("the endpoint (PICTOR_ENDPOINT) has a user name or password in it; the key goes into PICTOR_API_KEY")
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, invalid("the endpoint (PICTOR_ENDPOINT) must end with its path; drop what follows the ? or #")
	case base.Scheme != "https" && base.Scheme != "http", base.Hostname() == "":
		return nil, invalid("the endpoint %q (PICTOR_ENDPOINT) is not an http or https URL; write one like %s", endpoint, DefaultEndpoint)
	case base.Scheme == "http" && !allowInsecure && !loopback(base.Hostname()):
		return nil, invalid("the endpoint %q (PICTOR_ENDPOINT) would send the API key unencrypted; use https, or set allowInsecure if you own every machine in between", endpoint)
	}
	if !strings.HasSuffix(base.Path, "/") {
		base = base.JoinPath("/")
	}
	return base, nil
}

// loopback says whether the host is this machine, by its spelling alone: a name
// that merely resolves to 127.0.0.1 today may resolve elsewhere tomorrow.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// sameOrigin says whether two URLs lead to the same scheme, host and port.
func sameOrigin(a, b *url.URL) bool { return origin(a) == origin(b) }

func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return strings.ToLower(u.Scheme + "://" + u.Hostname() + ":" + port)
}
