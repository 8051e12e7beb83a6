/* What the limit writes: the table exchange-2013.v1, its values in the order of the event, and its severities. */
#include <stddef.h>

enum kind { TEXT, INTEGER, TIME, IPV4, IPV6 };
enum when { ALWAYS, IF_RECEIVE, UNLESS_RECEIVE };

/* One value of the event; `limit`: bytes of text, digits of the largest number otherwise. */
struct value {
  const char *prefix, *column;
  enum kind kind;
  size_t limit;
  const char *label;
  enum when when;
  int index, is_present;
  size_t prefix_length, label_length;
};

/* In the order of the event: fields, device, additional data. */
static struct value values[] = {
  {" rt=", "date-time", TIME},
  {" msg=", "message-subject", TEXT, 1023},
  {" in=", "total-bytes", INTEGER, 10, NULL, IF_RECEIVE},
  {" out=", "total-bytes", INTEGER, 10, NULL, UNLESS_RECEIVE},
  {" cat=", "source", TEXT, 1023},
  {" sourceServiceName=", "source", TEXT, 1023},
  {" src=", "original-client-ip", IPV4},
  {" suser=", "sender-address", TEXT, 1023},
  {" dhost=", "client-hostname", TEXT, 1023},
  {" dst=", "client-ip", IPV4},
  {" duser=", "recipient-address", TEXT, 1023},
  {" cs1=", "internal-message-id", TEXT, 4000, " cs1Label=Internal Message ID"},
  {" cs2=", "message-id", TEXT, 4000, " cs2Label=Message ID"},
  {" cs3=", "reference", TEXT, 4000, " cs3Label=Reference"},
  {" cs4=", "connector-id", TEXT, 4000, " cs4Label=Connector ID"},
  {" cs5=", "source-context", TEXT, 4000, " cs5Label=Source Context"},
  {" cs6=", "return-path", TEXT, 4000, " cs6Label=Return Path"},
  {" cn1=", "recipient-count", INTEGER, 18, " cn1Label=Recipient Count"},
  {" c6a1=", "server-ip", IPV6, 0, " c6a1Label=Device IPv6 Address"},
  {" c6a2=", "original-client-ip", IPV6, 0, " c6a2Label=Source IPv6 Address"},
  {" c6a3=", "client-ip", IPV6, 0, " c6a3Label=Destination IPv6 Address"},
  {" flexString1=", "directionality", TEXT, 1023, " flexString1Label=Directionality"},
  {" dvchost=", "server-hostname", TEXT, 100},
  {" dvc=", "server-ip", IPV4},
  {" ad.custom-data=", "custom-data", TEXT, 4000},
  {" ad.message-info=", "message-info", TEXT, 4000},
  {" ad.network-message-id=", "network-message-id", TEXT, 4000},
  {" ad.recipient-status=", "recipient-status", TEXT, 4000},
  {" ad.related-recipient-address=", "related-recipient-address", TEXT, 4000},
  {" ad.tenant-id=", "tenant-id", TEXT, 4000},
  {" ad.transport-traffic-type=", "transport-traffic-type", TEXT, 4000},
};
enum { FIELDS = 22, DEVICE = 24, ALL = sizeof values / sizeof *values };

/* Severity by event id where it isn't 3, and the syslog severity of each. */
static const struct { const char *ids; int severity; } levels[] = {
  {" AGENTINFO HADISCARD HARECEIVE HAREDIRECT NOTIFYSHADOW RECIPIENTINFO REPLICATION SETROUTE ", 1},
  {" DUPLICATEDELIVER DUPLICATEEXPAND DUPLICATEREDIRECT INITMESSAGECREATED LOAD NOTIFYMAPI ", 2},
  {" PROCESS PROCESSMEETINGMESSAGE ", 2},
  {" DEFER HAREDIRECTFAIL MODERATIONEXPIRE MODERATORREJECT RESUBMITDEFER SUBMITDEFER THROTTLE ", 4},
  {" DROP DSN MODERATORSALLNDR ", 5}, {" DELIVERFAIL FAIL RESUBMITFAIL SUBMITFAIL ", 6},
  {" BADMAIL SUPPRESSED ", 7}, {" POISONMESSAGE ", 8},
};
static const int syslog_severities[] = {6, 6, 6, 6, 4, 4, 4, 3, 3, 2, 2};
