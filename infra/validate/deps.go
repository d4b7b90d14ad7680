package validate

// The definitions of HTTPRoute and ReferenceGrant are read from this module's files.
import _ "sigs.k8s.io/gateway-api/apis/v1"
