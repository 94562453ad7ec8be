/**
 * What the PostgreSQL of a stack lets in at a time. Three instances of the API (R-OPS-02) take 150 when
 * they are busy (R-DB-20), a registry in a container up to 100 (its `apicurio.datasource.jdbc.max-size`),
 * three projectors 15 and as many again for their jobs; what is left is for commands and for people.
 * PostgreSQL's own 100 end with the second busy API.
 */
export const MAX_CONNECTIONS = 300;
