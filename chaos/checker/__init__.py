"""From a history and the final states to a verdict. Pure: everything here can be run again from history.jsonl."""
