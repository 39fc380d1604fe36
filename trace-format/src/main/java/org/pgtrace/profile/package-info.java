/** Where the time of trace files went: by session, statement, plan node and object. */
@org.jspecify.annotations.NullMarked
package org.pgtrace.profile;
