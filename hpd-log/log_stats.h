/* SPDX-License-Identifier: ISC */
/* Counters of hpd-log, sent as u64 values in this order in STATS. */
#ifndef HPD_LOG_STATS_H
#define HPD_LOG_STATS_H

#define LOG_STATS_LIST(X)                                                    \
	X(DATAGRAMS, "log.datagrams")	    /* taken off the channels */     \
	X(RECORDS, "log.records")	    /* in them, duplicates left out */ \
	X(DUPLICATES, "log.duplicates")	    /* records seen before */        \
	X(GAPS, "log.gaps")		    /* jumps of a sequence */        \
	X(GAP_RECORDS, "log.gap_records")   /* records missing there */      \
	X(OWN, "log.own")		    /* hpd-log's own records */      \
	X(OWN_LOST, "log.own_lost")	    /* no room for them */           \
	X(UNFIT, "log.unfit")		    /* a line that did not fit */    \
	X(BYTES, "log.bytes")		    /* written, all streams */       \
	X(TEXT_LINES, "log.text_lines")	    /* of honeyd's logs */           \
	X(TEXT_LOST, "log.text_lost")	    /* dropped: stream stopped */    \
	X(STOPS, "log.stops")		    /* a stream stopped */           \
	X(SYNCS, "log.syncs")                                                \
	X(SYNC_ERRORS, "log.sync_errors")                                    \
	X(SEGMENTS, "log.segments")                                          \
	X(LINES, "log.lines")		    /* of the sealed streams */      \
	X(FRAMES, "log.frames")		    /* in the pcap stream */         \
	X(FOLDED, "log.folded")		    /* records that became counts */ \
	X(FOLDED_SUM, "log.folded_sum")	    /* of their counts */            \
	X(DIGESTS, "log.digests")                                            \
	X(SAVES, "log.seal_saves")	    /* of the seal's state */        \
	X(SAVE_ERRORS, "log.seal_save_errors")                               \
	X(BROKEN, "log.broken_channels")                                     \
	X(SKIPPED, "log.skipped_datagrams")

#define LOG_STATS_ENUM(id, name) LS_##id,
enum log_stats_id { LOG_STATS_LIST(LOG_STATS_ENUM) LS_MAX };
#undef LOG_STATS_ENUM

#endif
