/**
 * Numeric replies under the names that modern (https://modern.ircdocs.horse, "Numerics") gives them; others are
 * marked with their source. The comment lists the params after the client's nick.
 */

// Registration
export const RPL_WELCOME = "001"; // :Welcome to the <network> Network, <nick>[!<user>@<host>]
export const RPL_YOURHOST = "002"; // :Your host is <servername>, running version <version>
export const RPL_CREATED = "003"; // :This server was created <datetime>
export const RPL_MYINFO = "004"; // <servername> <version> <user modes> <channel modes> [<channel modes with a parameter>]
export const RPL_ISUPPORT = "005"; // <1-13 tokens> :are supported by this server
export const RPL_BOUNCE = "010"; // <hostname> <port> :<info>
export const RPL_REMOTEISUPPORT = "105"; // <1-13 tokens> :are supported by this server

// STATS, LUSERS, ADMIN
export const RPL_STATSLINKINFO = "211"; // <linkname> <sendq> <sent> <sent KiB> <received> <received KiB> <seconds open>
export const RPL_STATSCOMMANDS = "212"; // <command> <count> [<byte count> <remote count>]
export const RPL_ENDOFSTATS = "219"; // <stats letter> :End of /STATS report
export const RPL_UMODEIS = "221"; // <user modes>
export const RPL_STATSUPTIME = "242"; // :Server Up <days> days <hours>:<minutes>:<seconds>
export const RPL_STATSOLINE = "243"; // O <hostmask> * <name>
export const RPL_LUSERCLIENT = "251"; // :There are <u> users and <i> invisible on <s> servers
export const RPL_LUSEROP = "252"; // <ops> :operator(s) online
export const RPL_LUSERUNKNOWN = "253"; // <connections> :unknown connection(s)
export const RPL_LUSERCHANNELS = "254"; // <channels> :channels formed
export const RPL_LUSERME = "255"; // :I have <c> clients and <s> servers
export const RPL_ADMINME = "256"; // [<server>] :Administrative info
export const RPL_ADMINLOC1 = "257"; // :<info>
export const RPL_ADMINLOC2 = "258"; // :<info>
export const RPL_ADMINEMAIL = "259"; // :<info>
export const RPL_TRYAGAIN = "263"; // <command> :Please wait a while and try again.
export const RPL_LOCALUSERS = "265"; // [<u> <m>] :Current local users <u>, max <m>
export const RPL_GLOBALUSERS = "266"; // [<u> <m>] :Current global users <u>, max <m>
export const RPL_SILELIST = "271"; // <nick> <mask>
export const RPL_ENDOFSILELIST = "272"; // <mask> :End of silence list
export const RPL_WHOISCERTFP = "276"; // <nick> :has client certificate fingerprint <fingerprint>

// Users
export const RPL_NONE = "300"; // a dummy without a format
export const RPL_AWAY = "301"; // <nick> :<message>
export const RPL_USERHOST = "302"; // :[<nick>[*]=(+|-)<host>{ …}]
export const RPL_ISON = "303"; // :[<nick>{ <nick>}]
export const RPL_UNAWAY = "305"; // :You are no longer marked as being away
export const RPL_NOWAWAY = "306"; // :You have been marked as being away
export const RPL_WHOISREGNICK = "307"; // <nick> :has identified for this nick
export const RPL_WHOISUSER = "311"; // <nick> <username> <host> * :<realname>
export const RPL_WHOISSERVER = "312"; // <nick> <server> :<server info>
export const RPL_WHOISOPERATOR = "313"; // <nick> :is an IRC operator
export const RPL_WHOWASUSER = "314"; // <nick> <username> <host> * :<realname>
export const RPL_ENDOFWHO = "315"; // <mask> :End of WHO list
export const RPL_WHOISIDLE = "317"; // <nick> <secs> <signon> :seconds idle, signon time
export const RPL_ENDOFWHOIS = "318"; // <nick> :End of /WHOIS list
export const RPL_WHOISCHANNELS = "319"; // <nick> :[prefix]<channel>{ [prefix]<channel>}
export const RPL_WHOISSPECIAL = "320"; // <nick> :<text>
export const RPL_WHOISACCOUNT = "330"; // <nick> <account> :is logged in as
export const RPL_WHOISBOT = "335"; // <nick> :<text>; ircv3 bot-mode
export const RPL_WHOISACTUALLY = "338"; // <nick> <host|ip> :Is actually using host
export const RPL_USERIP = "340"; // :[<nick>[*]=(+|-)<user>@<ip>{ …}]
export const RPL_WHOREPLY = "352"; // <channel> <username> <host> <server> <nick> <flags> :<hopcount> <realname>
export const RPL_WHOSPCRPL = "354"; // <the requested fields>; ircv3 whox
export const RPL_ENDOFWHOWAS = "369"; // <nick> :End of WHOWAS
export const RPL_WHOISHOST = "378"; // <nick> :is connecting from *@<host> <ip>
export const RPL_WHOISMODES = "379"; // <nick> :is using modes <modes>
export const RPL_VISIBLEHOST = "396"; // <host> :is now your visible host
export const RPL_WHOISSECURE = "671"; // <nick> :is using a secure connection

// Channels
export const RPL_LISTSTART = "321"; // Channel :Users  Name
export const RPL_LIST = "322"; // <channel> <client count> :<topic>
export const RPL_LISTEND = "323"; // :End of /LIST
export const RPL_CHANNELMODEIS = "324"; // <channel> <modestring> <mode arguments>...
export const RPL_CREATIONTIME = "329"; // <channel> <creationtime>
export const RPL_NOTOPIC = "331"; // <channel> :No topic is set
export const RPL_TOPIC = "332"; // <channel> :<topic>
export const RPL_TOPICWHOTIME = "333"; // <channel> <nick> <setat>
export const RPL_INVITELIST = "336"; // <channel>
export const RPL_ENDOFINVITELIST = "337"; // :End of /INVITE list
export const RPL_INVITING = "341"; // <nick> <channel>
export const RPL_INVEXLIST = "346"; // <channel> <mask>
export const RPL_ENDOFINVEXLIST = "347"; // <channel> :End of Channel Invite Exception List
export const RPL_EXCEPTLIST = "348"; // <channel> <mask>
export const RPL_ENDOFEXCEPTLIST = "349"; // <channel> :End of channel exception list
export const RPL_NAMREPLY = "353"; // <symbol> <channel> :[prefix]<nick>{ [prefix]<nick>}
export const RPL_ENDOFNAMES = "366"; // <channel> :End of /NAMES list
export const RPL_BANLIST = "367"; // <channel> <mask> [<who> <set-ts>]
export const RPL_ENDOFBANLIST = "368"; // <channel> :End of channel ban list
export const RPL_KNOCK = "710"; // <channel> <nick>!<user>@<host> :has asked for an invite.
export const RPL_KNOCKDLVR = "711"; // <channel> :Your KNOCK has been delivered.
export const RPL_QUIETLIST = "728"; // <channel> q <mask> [<who> <set-ts>]
export const RPL_ENDOFQUIETLIST = "729"; // <channel> q :End of channel quiet list

// The server
export const RPL_VERSION = "351"; // <version> <server> :<comments>
export const RPL_LINKS = "364"; // * <server> :<hopcount> <server info>
export const RPL_ENDOFLINKS = "365"; // * :End of /LINKS list
export const RPL_INFO = "371"; // :<string>
export const RPL_MOTD = "372"; // :<line of the motd>
export const RPL_ENDOFINFO = "374"; // :End of INFO list
export const RPL_MOTDSTART = "375"; // :- <server> Message of the day -
export const RPL_ENDOFMOTD = "376"; // :End of /MOTD command.
export const RPL_YOUREOPER = "381"; // :You are now an IRC operator
export const RPL_REHASHING = "382"; // <config file> :Rehashing
export const RPL_TIME = "391"; // <server> [<timestamp> [<TS offset>]] :<human-readable time>
export const RPL_HELPSTART = "704"; // <subject> :<first line of help section>
export const RPL_HELPTXT = "705"; // <subject> :<line of help text>
export const RPL_ENDOFHELP = "706"; // <subject> :<last line of help text>

// METADATA (ircv3 metadata) and MONITOR (ircv3 monitor)
export const RPL_WHOISKEYVALUE = "760"; // <nick> <key> <visibility> :<value>; metadata
export const RPL_KEYVALUE = "761"; // <target> <key> <visibility> :<value>; metadata
export const RPL_KEYNOTSET = "766"; // <target> <key> :key not set
export const RPL_METADATASUBOK = "770"; // <key>
export const RPL_METADATAUNSUBOK = "771"; // <key>
export const RPL_METADATASUBS = "772"; // <key>
export const ERR_METADATASYNCLATER = "774"; // <target> <seconds> :Try again later
export const RPL_MONONLINE = "730"; // :<nick>!<user>@<host>{,…}
export const RPL_MONOFFLINE = "731"; // :<nick>{,…}
export const RPL_MONLIST = "732"; // :<nick>{,…}
export const RPL_ENDOFMONLIST = "733"; // :End of MONITOR list
export const ERR_MONLISTFULL = "734"; // <limit> <nicks> :Monitor list is full.

// Accounts (ircv3 sasl-3.1) and STARTTLS (ircv3 tls)
export const RPL_STARTTLS = "670"; // :STARTTLS successful, proceed with TLS handshake
export const ERR_STARTTLS = "691"; // :STARTTLS failed (<reason>)
export const RPL_LOGGEDIN = "900"; // <nick>!<user>@<host> <account> :You are now logged in as <username>
export const RPL_LOGGEDOUT = "901"; // <nick>!<user>@<host> :You are now logged out
export const ERR_NICKLOCKED = "902"; // :You must use a nick assigned to you
export const RPL_SASLSUCCESS = "903"; // :SASL authentication successful
export const ERR_SASLFAIL = "904"; // :SASL authentication failed
export const ERR_SASLTOOLONG = "905"; // :SASL message too long
export const ERR_SASLABORTED = "906"; // :SASL authentication aborted
export const ERR_SASLALREADY = "907"; // :You have already authenticated using SASL
export const RPL_SASLMECHS = "908"; // <mechanisms> :are available SASL mechanisms

// Errors: targets and text
export const ERR_UNKNOWNERROR = "400"; // <command>{ <subcommand>} :<info>
export const ERR_NOSUCHNICK = "401"; // <nickname> :No such nick/channel
export const ERR_NOSUCHSERVER = "402"; // <server name> :No such server
export const ERR_NOSUCHCHANNEL = "403"; // <channel> :No such channel
export const ERR_CANNOTSENDTOCHAN = "404"; // <channel> :Cannot send to channel
export const ERR_TOOMANYCHANNELS = "405"; // <channel> :You have joined too many channels
export const ERR_WASNOSUCHNICK = "406"; // <nick> :There was no such nickname
export const ERR_TOOMANYTARGETS = "407"; // <target> :Too many targets
export const ERR_NOORIGIN = "409"; // :No origin specified
export const ERR_INVALIDCAPCMD = "410"; // <subcommand> :Invalid CAP command; ircv3 capability-negotiation
export const ERR_NORECIPIENT = "411"; // :No recipient given (<command>)
export const ERR_NOTEXTTOSEND = "412"; // :No text to send
export const ERR_NOTOPLEVEL = "413"; // <mask> :No toplevel domain specified
export const ERR_WILDTOPLEVEL = "414"; // <mask> :Wildcard in toplevel domain
export const ERR_BADMASK = "415"; // <mask> :Bad Server/host mask
export const ERR_TOOMANYMATCHES = "416"; // <command> [<mask>] :Too many matches
export const ERR_INPUTTOOLONG = "417"; // :Input line was too long
export const ERR_UNKNOWNCOMMAND = "421"; // <command> :Unknown command
export const ERR_NOMOTD = "422"; // :MOTD File is missing
export const ERR_NOADMININFO = "423"; // <server> :No administrative info available
export const ERR_FILEERROR = "424"; // :File error doing <file op> on <file>

// Errors: nicks and registration
export const ERR_NONICKNAMEGIVEN = "431"; // :No nickname given
export const ERR_ERRONEUSNICKNAME = "432"; // <nick> :Erroneus nickname
export const ERR_NICKNAMEINUSE = "433"; // <nick> :Nickname is already in use
export const ERR_BANNICKCHANGE = "435"; // <nick> <channel> :Cannot change nickname while banned on channel; solanum, unreal
export const ERR_NICKCOLLISION = "436"; // <nick> :Nickname collision KILL from <user>@<host>
export const ERR_UNAVAILRESOURCE = "437"; // <nick/channel> :Nick/channel is temporarily unavailable; RFC 2812 section 5.2
export const ERR_NICKTOOFAST = "438"; // <nick> :Nick change too fast. Please wait <n> seconds.; ircu, unreal, hybrid
export const ERR_NONICKCHANGE = "447"; // :Cannot change nickname while on <channel>
export const ERR_NOTREGISTERED = "451"; // :You have not registered
export const ERR_NEEDMOREPARAMS = "461"; // <command> :Not enough parameters
export const ERR_ALREADYREGISTERED = "462"; // :You may not reregister
export const ERR_NOPERMFORHOST = "463"; // :Your host isn't among the privileged
export const ERR_PASSWDMISMATCH = "464"; // :Password incorrect
export const ERR_YOUREBANNEDCREEP = "465"; // :You are banned from this server.
export const ERR_INVALIDUSERNAME = "468"; // :Your username is not valid

// Errors: channels
export const ERR_USERNOTINCHANNEL = "441"; // <nick> <channel> :They aren't on that channel
export const ERR_NOTONCHANNEL = "442"; // <channel> :You're not on that channel
export const ERR_USERONCHANNEL = "443"; // <nick> <channel> :is already on channel
export const ERR_SUMMONDISABLED = "445"; // :SUMMON has been disabled
export const ERR_USERSDISABLED = "446"; // :USERS has been disabled
export const ERR_KEYSET = "467"; // <channel> :Channel key already set
export const ERR_LINKCHANNEL = "470"; // <channel> <other channel> :Forwarding to another channel; solanum, unreal
export const ERR_CHANNELISFULL = "471"; // <channel> :Cannot join channel (+l)
export const ERR_UNKNOWNMODE = "472"; // <modechar> :is unknown mode char to me
export const ERR_INVITEONLYCHAN = "473"; // <channel> :Cannot join channel (+i)
export const ERR_BANNEDFROMCHAN = "474"; // <channel> :Cannot join channel (+b)
export const ERR_BADCHANNELKEY = "475"; // <channel> :Cannot join channel (+k)
export const ERR_BADCHANMASK = "476"; // <channel> :Bad Channel Mask
export const ERR_NEEDREGGEDNICK = "477"; // <channel> :Cannot join channel (+r); bahamut, solanum, ergo
export const ERR_BANLISTFULL = "478"; // <channel> <char> :Channel list is full
export const ERR_CHANOPRIVSNEEDED = "482"; // <channel> :You're not channel operator
export const ERR_UNIQOPRIVSNEEDED = "485"; // :You're not the original channel operator
export const ERR_INVALIDKEY = "525"; // <target chan> :Key is not well-formed
export const ERR_INVALIDMODEPARAM = "696"; // <target chan/user> <mode char> <parameter> :<description>
export const ERR_LISTMODEALREADYSET = "697"; // <channel> <parameter> <mode char> :<description>
export const ERR_LISTMODENOTSET = "698"; // <channel> <parameter> <mode char> :<description>
export const ERR_TOOMANYKNOCK = "712"; // <channel> :Too many KNOCKs
export const ERR_CHANOPEN = "713"; // <channel> :Channel is open.
export const ERR_KNOCKONCHAN = "714"; // <channel> :You are already on that channel.

// Errors: privileges, modes, help
export const ERR_NOPRIVILEGES = "481"; // :Permission Denied- You're not an IRC operator
export const ERR_CANTKILLSERVER = "483"; // :You cant kill a server!
export const ERR_RESTRICTED = "484"; // :Your connection is restricted!; RFC 2812 section 5.2
export const ERR_NOOPERHOST = "491"; // :No O-lines for your host
export const ERR_UMODEUNKNOWNFLAG = "501"; // :Unknown MODE flag
export const ERR_USERSDONTMATCH = "502"; // :Cant change mode for other users
export const ERR_HELPNOTFOUND = "524"; // <subject> :No help available on this topic
export const ERR_CANTSENDTOUSER = "531"; // <nick> :<why the message was not delivered>
export const ERR_NOPRIVS = "723"; // <priv> :Insufficient oper privileges.
