import { expect, test } from 'vitest'
import { type Definition, metrics } from '../../../src/metrics/definitions.ts'

/** An interface: what stands here is not renamed and loses no label within a major version. Adding is free. */
const frozen = `
msgtrk_build_info gauge version node
msgtrk_verdict gauge verdict
msgtrk_records_read_total counter destination source
msgtrk_events_delivered_total counter destination
msgtrk_records_filtered_total counter destination reason
msgtrk_records_malformed_total counter destination
msgtrk_events_rejected_total counter destination
msgtrk_events_late_total counter destination
msgtrk_records_lost_total counter destination
msgtrk_lost_bytes_total counter destination source reason
msgtrk_losses_total counter destination source reason
msgtrk_records_held gauge destination
msgtrk_mails_open gauge destination
msgtrk_mails_open_bytes gauge destination
msgtrk_mails_closed_total counter destination reason
msgtrk_records_in_flight gauge destination
msgtrk_events_repeated_total counter destination
msgtrk_rewinds_total counter destination
msgtrk_failovers_total counter destination
msgtrk_failbacks_total counter destination
msgtrk_sent_bytes_total counter destination
msgtrk_delivery_latency_seconds histogram destination
msgtrk_backlog_bytes gauge destination source
msgtrk_topic_lag_messages gauge destination source partition
msgtrk_oldest_unsettled_record_timestamp_seconds gauge destination source
msgtrk_backlog_expires_timestamp_seconds gauge destination source
msgtrk_last_delivery_timestamp_seconds gauge destination
msgtrk_destination_up gauge destination receiver
msgtrk_destination_paused gauge destination
msgtrk_source_up gauge source
msgtrk_newest_record_timestamp_seconds gauge source
msgtrk_tls_certificate_expiry_timestamp_seconds gauge destination certificate
msgtrk_positions_saved_timestamp_seconds gauge destination
msgtrk_positions_saved gauge destination
msgtrk_dead_letters_written gauge destination
msgtrk_config_last_reload_successful gauge
msgtrk_config_last_reload_success_timestamp_seconds gauge
process_cpu_seconds_total counter
process_resident_memory_bytes gauge
process_start_time_seconds gauge
`

test('names, types and labels stay as they are', () => {
  const now = Object.entries(metrics).map(([name, { type, labels }]: [string, Definition]) =>
    [name, type, ...labels].join(' '),
  )
  expect(now).toEqual(frozen.trim().split('\n'))
})
