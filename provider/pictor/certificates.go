package pictor

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
)

// trusting is a transport that trusts the certificates of a PEM file besides
// those of the system.
func trusting(transport *http.Transport, caFile string) (*http.Transport, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, invalid("the file of certificates (caFile, PICTOR_CA_FILE) cannot be read: %v", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, invalid("%s (caFile, PICTOR_CA_FILE) has no certificate in it; it must be a PEM file with \"-----BEGIN CERTIFICATE-----\"", caFile)
	}
	transport = transport.Clone()
	if transport.TLSClientConfig == nil {
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	transport.TLSClientConfig.RootCAs = roots
	return transport, nil
}

// certificateHint says what to do about a certificate that is not trusted; it is
// empty if that was not the trouble.
func certificateHint(err error) string {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var notTLS tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return "if a proxy or a simulator with certificates of its own is meant to stand in between, " +
			"name the PEM file of its CA in caFile or PICTOR_CA_FILE; if not, somebody may be listening"
	case errors.As(err, &host):
		return "check PICTOR_ENDPOINT: the certificate is another host's"
	case errors.As(err, &invalid):
		return "check this machine's clock and, if a proxy stands in between, its certificates"
	case errors.As(err, &notTLS):
		return "check PICTOR_ENDPOINT and HTTPS_PROXY: what answers there does not speak https"
	}
	return ""
}
