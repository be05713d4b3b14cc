"""The loan file (卷宗) of an application: what many people do from an answer to a settled loan."""
