/** What of a row the peers write into which CEF key, the same for all of them. */

/** The columns of Exchange 2016 and later; none of the peers reads them from the header of a log. */
export const columns = (
  'date-time client-ip client-hostname server-ip server-hostname source-context connector-id source event-id ' +
  'internal-message-id message-id network-message-id recipient-address recipient-status total-bytes recipient-count ' +
  'related-recipient-address reference message-subject sender-address return-path message-info directionality ' +
  'tenant-id original-client-ip original-server-ip custom-data transport-traffic-type log-id schema-version'
).split(' ')

/** CEF key and the column it is copied from; total-bytes is `in` of RECEIVE and `out` of all others. */
export const copied: ReadonlyMap<string, string> = new Map(
  Object.entries({
    rt: 'date-time',
    msg: 'message-subject',
    cat: 'source',
    sourceServiceName: 'source',
    src: 'original-client-ip',
    suser: 'sender-address',
    dhost: 'client-hostname',
    dst: 'client-ip',
    duser: 'recipient-address',
    cs1: 'internal-message-id',
    cs2: 'message-id',
    cs3: 'reference',
    cs4: 'connector-id',
    cs5: 'source-context',
    cs6: 'return-path',
    cn1: 'recipient-count',
    flexString1: 'directionality',
    dvchost: 'server-hostname',
    dvc: 'server-ip',
    adcustomdata: 'custom-data',
    admessageinfo: 'message-info',
    adnetworkmessageid: 'network-message-id',
    adrecipientstatus: 'recipient-status',
    adrelatedrecipientaddress: 'related-recipient-address',
    adtransporttraffictype: 'transport-traffic-type',
  }),
)

/** What the keys that mean nothing by themselves are called. */
export const labels: ReadonlyMap<string, string> = new Map(
  Object.entries({
    cn1: 'Recipient Count',
    cs1: 'Internal Message ID',
    cs2: 'Message ID',
    cs3: 'Reference',
    cs4: 'Connector ID',
    cs5: 'Source Context',
    cs6: 'Return Path',
    flexString1: 'Directionality',
  }),
)
