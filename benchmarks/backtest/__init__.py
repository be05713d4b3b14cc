"""How much memory and time a backtest of many old files takes."""
