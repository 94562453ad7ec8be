import { wordList } from "./word-list.ts";

/*
 * Chosen by hand for company news. That finance needs lists of its own, in which a liability says
 * nothing and a default much, is the finding of Loughran and McDonald (Journal of Finance 66, 2011).
 */

/** Words by which something rises. */
export const isRise = wordList(`
  accelerat* advanc* beat beating beats boost boosted boosts buoy* climb* doubl* exceed* expand* gain gained gaining gains
  grew grow growing grown grows growth higher hike* improv* increas* jump* leap* leapt lift lifted
  lifting lifts quadrupl* raise raised raises raising rally rallied rallies rallying rebound* recover*
  rise risen rises rising rocket* rose shot skyrocket* soar* spike* strengthen* surg* swell* top topped
  topping tops tripl* up upturn upward upwards widen*
`);

/** Words by which something falls. */
export const isFall = wordList(`
  collaps* contracted contracting crash* cut cuts cutting declin* decreas* dent dented dents depress*
  deteriorat* dimini* dip dipped dips dive dived dives dove down downturn downward downwards drag dragged
  drags drop* dump* dwindl* eas* erod* fall fallen falling falls fell halv* hit hits less lose loses
  losing lost lower lowered lowering lowers miss missed misses missing narrow* plummet* plung* reduc* retreat* sag sagged sagging
  sags sank shed sheds shrank shrink shrinking shrinks shrunk sink sinking sinks slid slide slides
  sliding slip* slow slowed slower slowing slows slump* smaller sunk tank tanked tanking tanks trim
  trimmed trims tumbl* weaken*
`);

/** What shareholders want to see rise. */
export const isAsset = wordList(`
  backlog bookings business capacity cash cashflow competitiveness customers deliver* demand dividend*
  consensus earnings ebit ebita ebitda efficien* eps estimates expectations exports forecast* guidance income like-for-like margin
  margins market-share net operating order orders outlook output passengers performance price prices
  production productivity profit profits rating result results revenue revenues sales share shares stock
  stocks subscribers traffic turnover value volume*
`);

/** What shareholders want to see fall. */
export const isBurden = wordList(`
  casualties charges churn complaint* cost costs debt debts deficit delinquen* emission* expense*
  expenses fine fines impairment* inventories inventory liabilit* loss losses provision* risk risks
  shortage unemployment write-down* writedown*
`);

/** Words that speak well of a company, whatever moves. */
export const isPraise = wordList(`
  accelerat* achiev* advantage* approv* attractive award award-winning awarded awards
  benefit* best better better-than-expected boom* breakthrough bullish bumper buy buyback* clear clearance
  cleared clears confiden* effective* efficien* enabl* enhanc* excellent excited exclusive expan* extend*
  faster favorabl* favourabl* flexib* gain* good great growth healthy high-quality ideal impress* innovat*
  leader leading modern* moon opportunit* optimis* outperform* overweight perfect pleas* popular* positive*
  premium profitab* progress* proud reach* recogni* record renew* repurchas* resilien* reward* robust
  satisf* saving* secured secures securing smart solid squeeze* strengthen* strong stronger strongest strongly success*
  superior support* synerg* thriv* unique upbeat upgrad* upside win winning wins won
`);

/** Words that speak ill of a company, whatever moves. */
export const isBlame = wordList(`
  accus* adverse* alleg* axe axed bad ban banned bankrupt* bans bearish blame* blow breach* bribe* burden*
  cancel* caution* challeng* charges clos* close-down concern* crisis cut-backs cyber damage*
  death* default* delay* delist* deni* difficult* dilut* disappoint* dismiss* disput* disrupt* downgrad*
  downside exit exposed fail* fear* fined fines fined flop* fraud* gloom* glut guilty hack* halt* harm*
  headache* hurt* impairment* injunction insolven* investigat* jail* job-cuts lag lags laid lawsuit*
  lay-off* layoff* liquidat* litigation loss-making negative* outage* overhaul
  penalt* pessimis* plug poor pressure* probe* problem* quit quits recall* recession redundan* refus*
  reject* resign* restructur* risk* rout scandal* sell-off selloff sentenc* shortage* short-seller* shut*
  skeptic* sceptic* slash* slowdown smaller spill* stall* strike strikes struggl* subpoena* sue sued sues
  suing suspen* terminat* threat* toll toughe* trial trouble* turmoil uncertain* underperform* underweight
  unprofitable violat* warn* weak weaker weaker-than-expected weakest weakness withheld worr* worse
  worse-than-expected worst write-down* write-off* writedown* writeoff*
`);

/** Turns what follows within a few words into its contrary. */
export const isNegation = wordList(`
  aren't avert* avoid* can't cannot couldn't denied denies despite didn't doesn't don't fail failed fails
  hasn't haven't isn't lack lacked lacks neither never no nor not unlikely wasn't without won't wouldn't
`);

/** Stands between a figure and the same figure of before. */
export const isComparison = wordList("against compared comparison versus vs");

/** What somebody intends or expects, and has not done. */
export const isIntention = wordList(`
  aim* ambition* anticipat* believ* could designed estimat* expect* forecast* goal* going intend* may
  plan* seek* strateg* target* will would
`);

/** A company does business with others; by itself that says little. */
export const isDealing = wordList(`
  acqui* agreement* chose* co-operat* contract* cooperat* deal deals deliver* invest* launch* order
  ordered orders partner* seal* select* sign signed signs supplies supply
`);

/** A company was given business. */
export const isWin = wordList(`
  award* chosen contract* order ordered orders receiv* secured secures securing select* sign* win winning wins won
`);

/** An amount of money or a share of something stands beside it. */
export const isUnit = wordList("$ £ € % eur euro euros gbp pct percent usd");

/** A figure below zero, by name. */
export const isLoss = wordList("deficit loss losses");

/** A figure above zero, by name. */
export const isProfit = wordList("earnings income profit profits");

/** With `up`: set up, signed up to, wind up. Nothing rises. */
export const isIdleBeforeUp = wordList(`
  break brings build built divide end ended ends follow go going made make makes opened set sets sign
  signed split start take taken takes took wind winds
`);

/** With `hit`: hits a record, hit a 10-month high. */
export const isSummit = wordList("high highs milestone record target* peak");
