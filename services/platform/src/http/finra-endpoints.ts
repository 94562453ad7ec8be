/** What FINRA is asked for, as its calls are recorded: who reads them asks by these names. */

/** FINRA's name of the data set of short interest. */
export const SHORT_INTEREST_DATASET = "consolidatedShortInterest";
/** Its page of reporting dates, which is none of its data. */
export const SCHEDULE_ENDPOINT = "short-interest-schedule";

export function datasetEndpoint(dataset: string): string {
  return `otcMarket/${dataset}`;
}
