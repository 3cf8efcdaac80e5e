"""What a server keeps in its database: jobs, tokens, sessions, answers to repeated requests, who took addresses."""
