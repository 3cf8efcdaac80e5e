"""What a person reads: sections of sentences, tables and charts, made once and drawn by every front end.

Nothing is drawn and no model is run here. May import `launch`, `recommend`, `campaign` and what is above them.
"""
