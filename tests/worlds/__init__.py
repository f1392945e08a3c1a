"""Small relational worlds: statements change rows in memory and leave the log of records that Debezium would write."""
