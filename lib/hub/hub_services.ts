/** Constructs the services of a hub, each with its dependencies. */
import { AccountTokens } from "./services/accounts/account_tokens.ts";
import { Accounts } from "./services/accounts/accounts.ts";
import { ArchiveOrders } from "./history/archive_orders.ts";
import { HistoryIndex } from "./history/history_index.ts";
import { AttemptLimits } from "./services/limits/attempt_limits.ts";
import { Bans } from "./services/bans.ts";
import type { HubContext, Services } from "./context.ts";
import { FormerOwners } from "./services/accounts/claim_keys.ts";
import { KeyParcels } from "./services/accounts/key_parcels.ts";
import { FactBuffer } from "./log/facts.ts";
import { ScheduledMessages } from "./services/scheduled_messages.ts";
import { DurableActions } from "./services/durable_actions.ts";
import { Questions } from "./services/questions.ts";
import { SearchLimits } from "./services/limits/search_limits.ts";
import { SessionMemory } from "./services/limits/session_memory.ts";
import { ChannelSettingsStore } from "./services/channel_settings_store.ts";
import { ListMemory } from "./services/limits/list_memory.ts";
import { ReadMarkers } from "./services/read_markers.ts";
import { forgetDirectConversation } from "./fanout/history/read_marker_updates.ts";
import { Metadata } from "./services/metadata.ts";
import { Monitors } from "./services/monitors.ts";
import { ServerOperators } from "./services/accounts/server_operators.ts";
import { OperatorQuota } from "./services/limits/operator_quota.ts";
import { HubOutbox } from "./output/outbox.ts";
import { DECOY_SECRET_BYTES, DecoyCredentials } from "./services/accounts/passwords.ts";
import { Receipts } from "./services/receipts.ts";
import { RETAINED_SHARE } from "./history/retained_messages.ts";
import { ChannelQuota } from "./services/limits/channel_quota.ts";
import { ReplayPositions } from "./services/replay_positions.ts";
import { OfflineMessages } from "./services/offline_messages.ts";
import { Whowas } from "./services/whowas.ts";
import { createOnCallServices } from "./services/oncall/oncall_services.ts";

export function createServices(context: HubContext): Services {
  const { config, exemptAddresses, limits, log, state } = context;
  const facts = new FactBuffer();
  const accounts = new Accounts(facts);
  const sessionMemory = new SessionMemory((host) => exemptAddresses.has(host));
  const outbox = new HubOutbox();
  const operatorQuota = new OperatorQuota();
  const archiveOrders = new ArchiveOrders(facts, log, config.hasArchive === true);
  const history: HistoryIndex = new HistoryIndex(log, facts, {
    archiveOrders,
    budgetBytes: config.retainedBytes ?? log.capacityBytes * RETAINED_SHARE,
    isAccount: (owner) => accounts.byOwner(owner) !== undefined,
    accountsVersion: () => accounts.version,
    isExempt: (host) => exemptAddresses.has(host),
    isUnread: (message) => readMarkers.isUnread(message),
    isInUse: (folded) => state.channels.has(folded),
    onDirectConversationGone: (owner, folded, conversation) =>
      forgetDirectConversation(services, owner, folded, conversation),
    onLost: (message) => {
      // The archive, where there is one, has what the hub gives up.
      if (message.to === undefined || archiveOrders.isUsed) return;
      readMarkers.noteLoss(message.to, message.nick, message);
    },
  });
  const readMarkers = new ReadMarkers({ facts, accounts, history, sessionMemory, state });
  const channelSettings = new ChannelSettingsStore({ facts, log, accounts, history, operatorQuota });
  const services: Services = {
    accounts,
    accountTokens: new AccountTokens(facts, config.random),
    archiveOrders,
    history,
    attemptLimits: new AttemptLimits(limits, exemptAddresses),
    bans: new Bans(facts),
    channelQuota: new ChannelQuota(limits.channels, exemptAddresses),
    channelSettings,
    decoyCredentials: new DecoyCredentials(facts, config.random(DECOY_SECRET_BYTES)),
    durableActions: new DurableActions(),
    facts,
    formerOwners: new FormerOwners({ facts, log, accounts, archiveOrders, history }),
    keyParcels: new KeyParcels(),
    listMemory: new ListMemory(),
    metadata: new Metadata({ facts, archiveOrders, history, channelSettings, sessionMemory, state }),
    monitors: new Monitors(sessionMemory),
    offlineMessages: new OfflineMessages({ facts, accounts, history, readMarkers, outbox }),
    operatorQuota,
    outbox,
    ...createOnCallServices(facts),
    questions: new Questions(facts),
    readMarkers,
    receipts: new Receipts({
      log,
      outbox,
      serverName: config.serverName,
      sendLabeled: (session, label, line) => context.sendLabeled(session, label, line),
    }),
    replayPositions: new ReplayPositions({ facts, log, sessionMemory, state }),
    scheduledMessages: new ScheduledMessages(facts, exemptAddresses, config.random),
    searchLimits: new SearchLimits(exemptAddresses),
    serverOperators: new ServerOperators(facts),
    sessionMemory,
    whowas: new Whowas(),
  };
  return services;
}
