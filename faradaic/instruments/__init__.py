"""How to talk to hardware: traits, transports, wire codecs, drivers and their registry."""
