/** First and last date the calendar answers for; 2028 is there so that late 2027 has successors. */
export const CALENDAR_FIRST_DATE = "1998-01-01";
export const CALENDAR_LAST_DATE = "2028-12-31";

/**
 * Full-day holidays of NYSE and Nasdaq that fall on a weekday, `mm-dd` by year, as announced by
 * the exchanges each year. A holiday on a Saturday is kept on Friday, but New Year's Day is not
 * when that Friday ends a year (2010-12-31 and 2021-12-31 were trading days). Martin Luther King
 * Day since 1998, Juneteenth since 2022.
 */
export const HOLIDAYS: Readonly<Record<number, string>> = {
  1998: "01-01 01-19 02-16 04-10 05-25 07-03 09-07 11-26 12-25",
  1999: "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24",
  2000: "01-17 02-21 04-21 05-29 07-04 09-04 11-23 12-25",
  2001: "01-01 01-15 02-19 04-13 05-28 07-04 09-03 11-22 12-25",
  2002: "01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25",
  2003: "01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25",
  2004: "01-01 01-19 02-16 04-09 05-31 07-05 09-06 11-25 12-24",
  2005: "01-17 02-21 03-25 05-30 07-04 09-05 11-24 12-26",
  2006: "01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25",
  2007: "01-01 01-15 02-19 04-06 05-28 07-04 09-03 11-22 12-25",
  2008: "01-01 01-21 02-18 03-21 05-26 07-04 09-01 11-27 12-25",
  2009: "01-01 01-19 02-16 04-10 05-25 07-03 09-07 11-26 12-25",
  2010: "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24",
  2011: "01-17 02-21 04-22 05-30 07-04 09-05 11-24 12-26",
  2012: "01-02 01-16 02-20 04-06 05-28 07-04 09-03 11-22 12-25",
  2013: "01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25",
  2014: "01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25",
  2015: "01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25",
  2016: "01-01 01-18 02-15 03-25 05-30 07-04 09-05 11-24 12-26",
  2017: "01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25",
  2018: "01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-25",
  2019: "01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25",
  2020: "01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25",
  2021: "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24",
  2022: "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26",
  2023: "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25",
  2024: "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25",
  2025: "01-01 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",
  2026: "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
  2027: "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24",
  2028: "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25",
};

/**
 * Sessions that the exchanges ended at 13:00 ET, `mm-dd` by year. Left out on purpose: 1999-12-31
 * (some lists have it, the exchanges' own list of closings has not) and 2005-06-01, when NYSE
 * alone halted at 15:56 after a fault. Openings delayed by minutes of silence, or to noon on
 * 2002-09-11, are not kept either: no trade took place before them, so no bar is misread.
 */
export const EARLY_CLOSES: Readonly<Record<number, string>> = {
  1998: "11-27 12-24",
  1999: "11-26",
  2000: "07-03 11-24",
  2001: "07-03 11-23 12-24",
  2002: "07-05 11-29 12-24",
  2003: "07-03 11-28 12-24 12-26",
  2004: "11-26",
  2005: "11-25",
  2006: "07-03 11-24",
  2007: "07-03 11-23 12-24",
  2008: "07-03 11-28 12-24",
  2009: "11-27 12-24",
  2010: "11-26",
  2011: "11-25",
  2012: "07-03 11-23 12-24",
  2013: "07-03 11-29 12-24",
  2014: "07-03 11-28 12-24",
  2015: "11-27 12-24",
  2016: "11-25",
  2017: "07-03 11-24",
  2018: "07-03 11-23 12-24",
  2019: "07-03 11-29 12-24",
  2020: "11-27 12-24",
  2021: "11-26",
  2022: "11-25",
  2023: "07-03 11-24",
  2024: "07-03 11-29 12-24",
  2025: "07-03 11-28 12-24",
  2026: "11-27 12-24",
  2027: "11-26",
  2028: "07-03 11-24",
};

export interface AdHocClosure {
  readonly date: string;
  readonly reason: string;
  /**
   * Whether clearing worked that day, so that it counts in FINRA's business days. It did when the
   * SEC's fails-to-deliver data has balances for the day (2012, 2018, 2025); for the two earlier
   * days of mourning DTCC's guide for unscheduled closings says so; for 2001 nothing public was
   * found, and no rule here reaches back that far.
   */
  readonly clearingOpen: boolean;
}

/** Weekdays on which the exchanges stayed closed although no holiday was due. */
export const AD_HOC_CLOSURES: readonly AdHocClosure[] = [
  { date: "2001-09-11", reason: "attacks of 11 September", clearingOpen: false },
  { date: "2001-09-12", reason: "attacks of 11 September", clearingOpen: false },
  { date: "2001-09-13", reason: "attacks of 11 September", clearingOpen: false },
  { date: "2001-09-14", reason: "attacks of 11 September", clearingOpen: false },
  { date: "2004-06-11", reason: "mourning for Ronald Reagan", clearingOpen: true },
  { date: "2007-01-02", reason: "mourning for Gerald Ford", clearingOpen: true },
  { date: "2012-10-29", reason: "hurricane Sandy", clearingOpen: true },
  { date: "2012-10-30", reason: "hurricane Sandy", clearingOpen: true },
  { date: "2018-12-05", reason: "mourning for George H. W. Bush", clearingOpen: true },
  { date: "2025-01-09", reason: "mourning for Jimmy Carter", clearingOpen: true },
];
