/*-------------------------------------------------------------------------
 *
 * client_port.h
 *	  The server's struct Port, without the headers of the libraries that the
 *	  server was built with.
 *
 * The struct has the same offsets whether or not GSSAPI and OpenSSL are
 * compiled in ("for extension ABI compatibility", libpq-be.h), so their types
 * are not needed to read the fields before them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef PG_TRACE_CLIENT_PORT_H
#define PG_TRACE_CLIENT_PORT_H

#undef ENABLE_GSS
#undef USE_OPENSSL
#undef USE_SSL

#include "libpq/libpq-be.h"
#include "miscadmin.h"

#endif							/* PG_TRACE_CLIENT_PORT_H */
